DROP TABLE company_members;
DROP TABLE companies;
DROP TABLE users;
