"""Makes accounts and things on the server at API, and lets Schemathesis send requests as each caller. At the end, everything
that is stored is checked against its rules. Prints `N passed, N failed`. Started by scripts/test-fuzz."""

import os
import pathlib
import subprocess
import sys
import tempfile

import requests

API = os.environ["API"]
REPORTS = pathlib.Path(os.environ["FUZZ_REPORTS"])
PASSWORD = "not one of the examples'"
ROOT = pathlib.Path(__file__).parents[2]


def call(method, path, token=None, body=None):
    """Returns what stands under `data`."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.request(method, API + path, headers=headers, json=body, timeout=30)
    if not answer.ok:
        sys.exit(f"error: {method} {path} answers {answer.text}")
    return answer.json()["data"]


def register(name, role, field):
    body = {"email": f"{name}@fuzz.example", "password": PASSWORD, "role": role, "country": "DK", field: "Fuzz"}
    return call("POST", "/api/auth/register", body=body)


def log_in(name):
    return call("POST", "/api/auth/login", body={"email": f"{name}@fuzz.example", "password": PASSWORD})["token"]


def repower(*arguments, **options):
    settings = {"DATABASE_URL": os.environ["TEST_DATABASE_URL"], "JWT_SECRET": "to-sign-nothing", "APP_ENV": "test", "BCRYPT_COST": "4"}
    return subprocess.run([os.environ["REPOWER_BIN"], *arguments], env=os.environ | settings, text=True, capture_output=True, **options)


def make_admin():
    """An administrator of the marketplace is made by the command line only."""
    repower("create-admin", "--email", "admin@fuzz.example", "--password-stdin", input=PASSWORD + "\n", check=True)
    return log_in("admin")


def make_things():
    """Returns the callers' tokens, and the ids that requests for each kind of thing are given."""
    technician, company = register("technician", "TECHNICIAN", "fullName"), register("company", "COMPANY_ADMIN", "companyName")
    as_technician, as_company = technician["token"], company["token"]

    def invite(name):
        return call("POST", "/api/companies/me/invitations", as_company, {"email": f"{name}@fuzz.example", "role": "VIEWER"})

    def post_job(status):
        job = {"title": "Blade repair", "description": "At sea", "location": "Esbjerg", "discipline": "BLADE_REPAIR"}
        return call("POST", "/api/jobs", as_company, job | {"contractType": "DAY_RATE", "startDate": "2027-01-01", "status": status})["id"]

    def apply_for(job):
        return call("POST", f"/api/jobs/{job}/applications", as_technician, {})["id"]

    member = call("POST", "/api/auth/accept-invitation", body={"token": invite("member")["token"], "password": PASSWORD})
    jobs = [post_job(status) for status in ("OPEN", "OPEN", "OPEN", "DRAFT")]
    applied, accepted = apply_for(jobs[0]), apply_for(jobs[1])
    for status in ("OFFERED", "ACCEPTED"):
        call("PATCH", f"/api/applications/{accepted}/status", as_company, {"status": status})
    thread = call("POST", "/api/chat/threads", as_technician, {"companyId": company["company"]["id"], "text": "Hello"})
    certification = {"name": "GWO", "provider": "Falck", "validFrom": "2026-01-01", "validUntil": "2028-01-01"}
    ids = {
        "jobs": jobs,
        "applications": [applied, accepted],
        "threads": [thread["id"]],
        "certifications": [call("POST", "/api/technicians/me/certifications", as_technician, certification)["id"]],
        "invitations": [invite("invited")["id"]],
        "members": [member["membership"]["id"]],
        "technicians": [technician["profile"]["id"]],
        "companies": [company["company"]["id"]],
        "users": [member["user"]["id"]],
    }
    os.environ["FUZZ_OWN_MEMBERSHIP"] = company["membership"]["id"]
    return {"anonymous": None, "technician": as_technician, "company": as_company, "admin": make_admin()}, ids


def configuration(token, spare):
    """A log-out would end the caller's own session for all the rest, so it has a spare token: one that has ended can be
    logged out again. Of both headers, that of an option would win."""
    common = pathlib.Path(__file__).with_name("schemathesis.toml").read_text()
    if not token:
        return common
    headers = 'headers = {{ Authorization = "Bearer {}" }}\n'
    log_out = '\n[[operations]]\ninclude-name = "POST /api/auth/logout"\n'
    return headers.format(token) + common + log_out + headers.format(spare)


def ask_as(caller, folder):
    print(f"== as {caller}", file=sys.stderr, flush=True)
    command = [pathlib.Path(sys.executable).with_name("schemathesis"), "--config-file", f"{folder}/schemathesis.toml", "run", "openapi.json"]
    command += ["--url", API, "--no-color", "--max-examples", os.environ.get("FUZZ_CASES") or "5"]
    command += ["--report", "ndjson", "--report-ndjson-path", REPORTS / f"{caller}.ndjson"]
    if seed := os.environ.get("FUZZ_SEED"):
        command += ["--seed", seed]
    return subprocess.run([*command, *os.environ.get("FUZZ_OPTIONS", "").split()], cwd=ROOT, check=False).returncode == 0


def main():
    tokens, ids = make_things()
    REPORTS.mkdir(parents=True, exist_ok=True)
    callers = os.environ.get("FUZZ_AS", "").split() or list(tokens)
    if unknown := set(callers) - set(tokens):
        sys.exit(f"error: FUZZ_AS names callers among {', '.join(tokens)}, and not {', '.join(unknown)}")
    with tempfile.TemporaryDirectory() as folder:
        for name, known in ids.items():
            pathlib.Path(folder, f"{name}.txt").write_text("".join(f'"{one}"\n' for one in known))
        spare = log_in("technician")
        results = []
        for caller in callers:
            pathlib.Path(folder, "schemathesis.toml").write_text(configuration(tokens[caller], spare))
            results.append(ask_as(caller, folder))
    checked = repower("check-data")
    if checked.returncode:
        print(checked.stdout, checked.stderr)
    results.append(checked.returncode == 0)
    print(f"{results.count(True)} passed, {results.count(False)} failed", flush=True)
    sys.exit(not all(results))


main()
