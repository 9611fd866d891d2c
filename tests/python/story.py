"""Calls of a generated client: its types are checked, and then the responses of the server at API."""

import os
import uuid

from re_power_v3_client import AuthenticatedClient, Client
from re_power_v3_client.api.accounts import get_me, log_in, register
from re_power_v3_client.api.jobs import get_job, list_jobs
from re_power_v3_client.api.technicians import edit_own_technician
from re_power_v3_client.models import (
    EditTechnicianBody,
    EditOwnTechnicianResponse200,
    FieldCode,
    GetMeResponse200,
    ListJobsResponse200,
    LogInBody,
    LogInResponse200,
    NotFoundError,
    RegisterResponse201,
    RegisterTechnicianBody,
    RegisterTechnicianBodyRole,
    Role,
    ValidationFailedError,
)

API = os.environ["API"]
EMAIL = f"ana-{uuid.uuid4()}@example.com"
PASSWORD = "correct horse"


def body(password: str) -> RegisterTechnicianBody:
    role = RegisterTechnicianBodyRole.TECHNICIAN
    return RegisterTechnicianBody(email=EMAIL, password=password, role=role, full_name="Ana Ruiz", country="Spain")


anyone = Client(base_url=API)
rejected = register.sync(client=anyone, body=body("short"))
assert isinstance(rejected, ValidationFailedError), rejected
assert [(error.field, error.code) for error in rejected.details] == [("password", FieldCode.TOO_SHORT)]

registered = register.sync(client=anyone, body=body(PASSWORD))
assert isinstance(registered, RegisterResponse201), registered
assert registered.data.user.role == Role.TECHNICIAN

logged_in = log_in.sync(client=anyone, body=LogInBody(email=EMAIL, password=PASSWORD))
assert isinstance(logged_in, LogInResponse200), logged_in

ana = AuthenticatedClient(base_url=API, token=logged_in.data.token)
me = get_me.sync(client=ana)
assert isinstance(me, GetMeResponse200) and me.data.user.email == EMAIL, me

edited = edit_own_technician.sync(client=ana, body=EditTechnicianBody(years_experience=6, bio=None))
assert isinstance(edited, EditOwnTechnicianResponse200), edited
assert (edited.data.years_experience, edited.data.bio) == (6, None)

jobs = list_jobs.sync(client=ana, limit=5)
assert isinstance(jobs, ListJobsResponse200) and jobs.meta.limit == 5, jobs

missing = get_job.sync(client=ana, id=uuid.uuid4())
assert isinstance(missing, NotFoundError), missing
