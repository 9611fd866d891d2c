// Generated from openapi.json by scripts/generate.mjs. Do not edit.

import type { Id } from "./ids.js";
import type { Schemas } from "./operations.js";

export type ApplicationId = Id<"ApplicationId">;
export type AuditEventId = Id<"AuditEventId">;
export type CertificationId = Id<"CertificationId">;
export type CompanyId = Id<"CompanyId">;
export type EvaluationId = Id<"EvaluationId">;
export type InvitationId = Id<"InvitationId">;
export type JobId = Id<"JobId">;
export type MemberId = Id<"MemberId">;
export type MessageId = Id<"MessageId">;
export type RevocationId = Id<"RevocationId">;
export type SessionId = Id<"SessionId">;
export type TechnicianId = Id<"TechnicianId">;
export type ThreadId = Id<"ThreadId">;
export type UserId = Id<"UserId">;

export type AcceptInvitationBody = Schemas["AcceptInvitationBody"];
export type Account = Schemas["Account"];
export type Activation = Schemas["Activation"];
export type AddCertificationBody = Schemas["AddCertificationBody"];
export type AlreadyAppliedError = Schemas["AlreadyAppliedError"];
export type AlreadyBookedError = Schemas["AlreadyBookedError"];
export type AlreadyEvaluatedError = Schemas["AlreadyEvaluatedError"];
export type AlreadyMemberError = Schemas["AlreadyMemberError"];
export type AnswerBody = Schemas["AnswerBody"];
export type ApiError = Schemas["ApiError"];
export type AppealBody = Schemas["AppealBody"];
export type Applicant = Schemas["Applicant"];
export type Application = Schemas["Application"];
export type ApplicationCounts = Schemas["ApplicationCounts"];
export type ApplicationDetails = Schemas["ApplicationDetails"];
export type ApplicationEvent = Schemas["ApplicationEvent"];
export type ApplicationJob = Schemas["ApplicationJob"];
export type ApplicationStatus = Schemas["ApplicationStatus"];
export type AppliedJob = Schemas["AppliedJob"];
export type ApplyBody = Schemas["ApplyBody"];
export type AuditAction = Schemas["AuditAction"];
export type AuditEvent = Schemas["AuditEvent"];
export type Availability = Schemas["Availability"];
export type AvailabilityKind = Schemas["AvailabilityKind"];
export type AvailabilityPeriod = Schemas["AvailabilityPeriod"];
export type AvailabilityStatus = Schemas["AvailabilityStatus"];
export type CandidateCompliance = Schemas["CandidateCompliance"];
export type Certification = Schemas["Certification"];
export type CertificationCounts = Schemas["CertificationCounts"];
export type CertificationProposal = Schemas["CertificationProposal"];
export type CertificationStatus = Schemas["CertificationStatus"];
export type CertificationType = Schemas["CertificationType"];
export type CertificationWarning = Schemas["CertificationWarning"];
export type CertifiedTechnician = Schemas["CertifiedTechnician"];
export type ChangePasswordBody = Schemas["ChangePasswordBody"];
export type ChangeRoleBody = Schemas["ChangeRoleBody"];
export type ChatThread = Schemas["ChatThread"];
export type CloseJobBody = Schemas["CloseJobBody"];
export type Company = Schemas["Company"];
export type CompanyApplication = Schemas["CompanyApplication"];
export type CompanyJob = Schemas["CompanyJob"];
export type CompanyRole = Schemas["CompanyRole"];
export type CompanySummary = Schemas["CompanySummary"];
export type CompanyUnverifiedError = Schemas["CompanyUnverifiedError"];
export type Compliance = Schemas["Compliance"];
export type ComplianceSnapshot = Schemas["ComplianceSnapshot"];
export type ComplianceSnapshots = Schemas["ComplianceSnapshots"];
export type ComplianceStatus = Schemas["ComplianceStatus"];
export type Condition = Schemas["Condition"];
export type ConflictError = Schemas["ConflictError"];
export type ContractType = Schemas["ContractType"];
export type Course = Schemas["Course"];
export type Dashboard = Schemas["Dashboard"];
export type DatabaseUnavailableError = Schemas["DatabaseUnavailableError"];
export type Discipline = Schemas["Discipline"];
export type EditCertificationBody = Schemas["EditCertificationBody"];
export type EditCompanyBody = Schemas["EditCompanyBody"];
export type EditJobBody = Schemas["EditJobBody"];
export type EditTechnicianBody = Schemas["EditTechnicianBody"];
export type EmailTakenError = Schemas["EmailTakenError"];
export type EndSessionsBody = Schemas["EndSessionsBody"];
export type EndedSessions = Schemas["EndedSessions"];
export type EvaluateBody = Schemas["EvaluateBody"];
export type EvaluatedJob = Schemas["EvaluatedJob"];
export type Evaluation = Schemas["Evaluation"];
export type EvaluationRecord = Schemas["EvaluationRecord"];
export type Evaluator = Schemas["Evaluator"];
export type FieldCode = Schemas["FieldCode"];
export type FieldError = Schemas["FieldError"];
export type FieldParams = Schemas["FieldParams"];
export type ForbiddenError = Schemas["ForbiddenError"];
export type FoundJob = Schemas["FoundJob"];
export type GroupCompliance = Schemas["GroupCompliance"];
export type HeadTooLargeError = Schemas["HeadTooLargeError"];
export type IdempotencyMismatchError = Schemas["IdempotencyMismatchError"];
export type InitialStatus = Schemas["InitialStatus"];
export type InternalServerError = Schemas["InternalServerError"];
export type InvalidCredentialsError = Schemas["InvalidCredentialsError"];
export type InvalidCursorError = Schemas["InvalidCursorError"];
export type InvalidTransitionError = Schemas["InvalidTransitionError"];
export type Invitation = Schemas["Invitation"];
export type InviteBody = Schemas["InviteBody"];
export type Job = Schemas["Job"];
export type JobCandidate = Schemas["JobCandidate"];
export type JobClosedError = Schemas["JobClosedError"];
export type JobCounts = Schemas["JobCounts"];
export type JobNotOpenError = Schemas["JobNotOpenError"];
export type JobSort = Schemas["JobSort"];
export type JobStatus = Schemas["JobStatus"];
export type JudgeBody = Schemas["JudgeBody"];
export type JudgedCertification = Schemas["JudgedCertification"];
export type Judgement = Schemas["Judgement"];
export type LastAdminError = Schemas["LastAdminError"];
export type LateRefresher = Schemas["LateRefresher"];
export type LimitDetails = Schemas["LimitDetails"];
export type LimitReachedError = Schemas["LimitReachedError"];
export type ListedJob = Schemas["ListedJob"];
export type Liveness = Schemas["Liveness"];
export type LogInBody = Schemas["LogInBody"];
export type LoggedIn = Schemas["LoggedIn"];
export type MalformedJsonError = Schemas["MalformedJsonError"];
export type MalformedRequestError = Schemas["MalformedRequestError"];
export type MarkReadBody = Schemas["MarkReadBody"];
export type Member = Schemas["Member"];
export type Message = Schemas["Message"];
export type MessagesMeta = Schemas["MessagesMeta"];
export type MethodNotAllowedError = Schemas["MethodNotAllowedError"];
export type Mobility = Schemas["Mobility"];
export type MoveApplicationBody = Schemas["MoveApplicationBody"];
export type MoveJobBody = Schemas["MoveJobBody"];
export type MoveOwnApplicationBody = Schemas["MoveOwnApplicationBody"];
export type NewInvitation = Schemas["NewInvitation"];
export type NotAppealableError = Schemas["NotAppealableError"];
export type NotCompliantDetails = Schemas["NotCompliantDetails"];
export type NotCompliantError = Schemas["NotCompliantError"];
export type NotEngagedError = Schemas["NotEngagedError"];
export type NotFoundError = Schemas["NotFoundError"];
export type NotReady = Schemas["NotReady"];
export type OpenThreadWithCompanyBody = Schemas["OpenThreadWithCompanyBody"];
export type OpenThreadWithTechnicianBody = Schemas["OpenThreadWithTechnicianBody"];
export type OverloadedError = Schemas["OverloadedError"];
export type OwnApplication = Schemas["OwnApplication"];
export type OwnCertification = Schemas["OwnCertification"];
export type OwnPassport = Schemas["OwnPassport"];
export type OwnTechnician = Schemas["OwnTechnician"];
export type PageMeta = Schemas["PageMeta"];
export type Passport = Schemas["Passport"];
export type PassportSummary = Schemas["PassportSummary"];
export type PayloadTooLargeError = Schemas["PayloadTooLargeError"];
export type PeriodBody = Schemas["PeriodBody"];
export type PostJobBody = Schemas["PostJobBody"];
export type ProposeBody = Schemas["ProposeBody"];
export type PublicCompany = Schemas["PublicCompany"];
export type RatedTechnician = Schemas["RatedTechnician"];
export type Readiness = Schemas["Readiness"];
export type Reason = Schemas["Reason"];
export type RefresherAfterExpiryError = Schemas["RefresherAfterExpiryError"];
export type RegisterCompanyBody = Schemas["RegisterCompanyBody"];
export type RegisterTechnicianBody = Schemas["RegisterTechnicianBody"];
export type RenewalWindow = Schemas["RenewalWindow"];
export type ReplaceAvailabilityBody = Schemas["ReplaceAvailabilityBody"];
export type ReplaceRequirementsBody = Schemas["ReplaceRequirementsBody"];
export type ReplaceSkillsBody = Schemas["ReplaceSkillsBody"];
export type RequestTimeoutError = Schemas["RequestTimeoutError"];
export type Requirement = Schemas["Requirement"];
export type RequirementBody = Schemas["RequirementBody"];
export type Revocation = Schemas["Revocation"];
export type RevocationTerms = Schemas["RevocationTerms"];
export type RevokeBody = Schemas["RevokeBody"];
export type Role = Schemas["Role"];
export type RouteNotFoundError = Schemas["RouteNotFoundError"];
export type SendMessageBody = Schemas["SendMessageBody"];
export type Session = Schemas["Session"];
export type SetActiveBody = Schemas["SetActiveBody"];
export type SetHiddenBody = Schemas["SetHiddenBody"];
export type SetVerifiedBody = Schemas["SetVerifiedBody"];
export type Side = Schemas["Side"];
export type Skill = Schemas["Skill"];
export type SkillBody = Schemas["SkillBody"];
export type SkillLevel = Schemas["SkillLevel"];
export type Stopping = Schemas["Stopping"];
export type SubjectType = Schemas["SubjectType"];
export type Technician = Schemas["Technician"];
export type TechnicianSort = Schemas["TechnicianSort"];
export type ThreadCompany = Schemas["ThreadCompany"];
export type ThreadJob = Schemas["ThreadJob"];
export type ThreadTechnician = Schemas["ThreadTechnician"];
export type Token = Schemas["Token"];
export type TooManyRequestsError = Schemas["TooManyRequestsError"];
export type Trust = Schemas["Trust"];
export type TrustLevel = Schemas["TrustLevel"];
export type UnauthenticatedError = Schemas["UnauthenticatedError"];
export type UnmetRequirement = Schemas["UnmetRequirement"];
export type Unread = Schemas["Unread"];
export type UnreadTotals = Schemas["UnreadTotals"];
export type UnsupportedMediaTypeError = Schemas["UnsupportedMediaTypeError"];
export type User = Schemas["User"];
export type UserRecord = Schemas["UserRecord"];
export type ValidationFailedError = Schemas["ValidationFailedError"];
export type Visibility = Schemas["Visibility"];

/** The statuses that a side may set, by the current status of an application. */
export const applicationMoves: Readonly<Record<Side, Readonly<Record<ApplicationStatus, readonly ApplicationStatus[]>>>> =
  {
    "COMPANY": {
      "APPLIED": [
        "SHORTLISTED",
        "REJECTED",
        "OFFERED"
      ],
      "SHORTLISTED": [
        "REJECTED",
        "OFFERED"
      ],
      "REJECTED": [],
      "OFFERED": [
        "REJECTED",
        "ACCEPTED"
      ],
      "ACCEPTED": [],
      "WITHDRAWN": []
    },
    "TECHNICIAN": {
      "APPLIED": [
        "WITHDRAWN"
      ],
      "SHORTLISTED": [
        "WITHDRAWN"
      ],
      "REJECTED": [],
      "OFFERED": [
        "ACCEPTED",
        "WITHDRAWN"
      ],
      "ACCEPTED": [],
      "WITHDRAWN": []
    }
  };
