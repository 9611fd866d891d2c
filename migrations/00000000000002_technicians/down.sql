DROP TABLE certifications;
DROP TABLE skills;
DROP TABLE technicians;
