# syntax=docker/dockerfile:1
FROM rust:1.95.0-slim-trixie AS chef
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential libpq-dev pkg-config \
    && rm -rf /var/lib/apt/lists/* \
    && cargo install cargo-chef --locked --version 0.1.78
WORKDIR /src

FROM chef AS plan
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

FROM chef AS build
# Dependencies first: this layer is cached until a manifest or the lock file changes.
COPY --from=plan /src/recipe.json recipe.json
RUN cargo chef cook --release --locked --package repower --bin repower --recipe-path recipe.json
COPY . .
RUN cargo build --release --locked --package repower --bin repower \
    && strip --strip-debug target/release/repower

FROM debian:trixie-slim
LABEL org.opencontainers.image.title="Re.Power" \
      org.opencontainers.image.description="The backend of a recruitment marketplace for wind energy" \
      org.opencontainers.image.version="3.0.0" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libpq5 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin repower
COPY LICENSE LICENSE-MIT LICENSE-APACHE /usr/share/doc/repower/
COPY crates/security/common-passwords/LICENSE-Django crates/security/common-passwords/LICENSE-zxcvbn-ts /usr/share/doc/repower/
COPY --from=build /src/target/release/repower /usr/local/bin/repower
USER 10001
ENV APP_ENV=production HOST=0.0.0.0 PORT=3000
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["repower", "health"]
CMD ["repower", "serve"]
