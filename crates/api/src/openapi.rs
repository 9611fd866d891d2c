//! What is served where, for programs.

/// The document, as JSON.
pub fn json() -> &'static str {
    r##"{
  "openapi": "3.1.0",
  "info": {"title": "Re.Power V3", "version": "0.1.0", "description": "The marketplace for wind energy."},
  "servers": [{"url": "/"}],
  "tags": [{"name": "jobs", "description": "What companies look for"}, {"name": "accounts"}],
  "paths": {
    "/api/jobs": {"get": {
      "tags": ["jobs"], "operationId": "searchJobs", "summary": "Search the open jobs", "security": [],
      "parameters": [
        {"name": "q", "in": "query", "schema": {"type": "string"}},
        {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}}
      ],
      "responses": {"200": {"description": "Part of the list", "content": {"application/json": {"schema":
        {"$ref": "#/components/schemas/Jobs"}}}}}
    }},
    "/api/users/me": {"get": {
      "tags": ["accounts"], "operationId": "ownAccount", "summary": "Who is signed in",
      "responses": {"200": {"description": "The account"}, "401": {"description": "No valid token"}}
    }},
    "/api/jobs/{id}": {"get": {
      "tags": ["jobs"], "operationId": "findJob", "summary": "One job", "security": [{}, {"bearer": []}],
      "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"}}],
      "responses": {"200": {"description": "The job"}, "404": {"description": "No such job"}}
    }}
  },
  "components": {
    "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
    "schemas": {"Jobs": {"type": "object", "properties": {
      "success": {"type": "boolean"}, "message": {"type": "string"},
      "data": {"type": "array", "items": {"type": "object"}}}}}
  },
  "security": [{"bearer": []}]
}"##
}
