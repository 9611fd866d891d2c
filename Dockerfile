# syntax=docker/dockerfile:1
FROM rust:1.95.0-slim-trixie AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential libpq-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src

# Dependencies first, with empty crates in place of the project's: this layer lasts until a manifest changes.
COPY Cargo.toml Cargo.lock ./
COPY crates/domain/Cargo.toml crates/domain/
COPY crates/ports/Cargo.toml crates/ports/
COPY crates/application/Cargo.toml crates/application/
COPY crates/postgres/Cargo.toml crates/postgres/
COPY crates/security/Cargo.toml crates/security/
COPY crates/api/Cargo.toml crates/api/
COPY tests/faults/Cargo.toml tests/faults/
COPY bench/Cargo.toml bench/
RUN for crate in crates/*; do mkdir -p "$crate/src" && touch "$crate/src/lib.rs"; done \
    && mkdir crates/postgres/benches && touch crates/postgres/benches/dashboard.rs \
    && mkdir bench/src && echo 'fn main() {}' | tee crates/api/src/main.rs > bench/src/main.rs \
    && cargo build --release --locked --package repower-api --bin repower

# The sources may be older than the empty crates: they are touched, or cargo would take those for built.
COPY migrations migrations
COPY crates crates
RUN find crates -name '*.rs' -exec touch {} + \
    && cargo build --release --locked --package repower-api --bin repower \
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
COPY --from=build /src/target/release/repower /usr/local/bin/repower
USER 10001
ENV APP_ENV=production HOST=0.0.0.0 PORT=3000
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["repower", "health"]
CMD ["repower", "serve"]
