-- Chats. A thread counts its messages itself: its row is locked while a message gets the next number, so that numbers
-- have no gaps and become visible in their order.

CREATE TABLE threads (
    id uuid CONSTRAINT threads_pkey PRIMARY KEY,
    company_id uuid NOT NULL,
    technician_id uuid NOT NULL,
    job_id uuid,
    -- The number of the last message; 0 when there is none.
    last_seq bigint NOT NULL DEFAULT 0,
    last_activity_at timestamptz NOT NULL,
    -- How many messages of the other side a side has not read, and how far it has read.
    company_unread integer NOT NULL DEFAULT 0,
    technician_unread integer NOT NULL DEFAULT 0,
    company_read_seq bigint NOT NULL DEFAULT 0,
    technician_read_seq bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    -- The thread without a job is one of its kind too.
    CONSTRAINT threads_one_of_each UNIQUE NULLS NOT DISTINCT (company_id, technician_id, job_id),
    CONSTRAINT threads_company_fkey FOREIGN KEY (company_id) REFERENCES companies (id),
    CONSTRAINT threads_technician_fkey FOREIGN KEY (technician_id) REFERENCES technicians (id),
    CONSTRAINT threads_job_fkey FOREIGN KEY (job_id, company_id) REFERENCES jobs (id, company_id),
    CONSTRAINT threads_unread_range CHECK (
        company_unread BETWEEN 0 AND last_seq AND technician_unread BETWEEN 0 AND last_seq
    ),
    CONSTRAINT threads_read_range CHECK (
        company_read_seq BETWEEN 0 AND last_seq AND technician_read_seq BETWEEN 0 AND last_seq
    )
);

-- The threads of a company, the latest activity first.
CREATE INDEX threads_of_company ON threads (company_id, last_activity_at DESC, id DESC);
-- The threads of a technician, the latest activity first.
CREATE INDEX threads_of_technician ON threads (technician_id, last_activity_at DESC, id DESC);

CREATE TABLE messages (
    id uuid CONSTRAINT messages_pkey PRIMARY KEY,
    thread_id uuid NOT NULL,
    seq bigint NOT NULL,
    sender_type text NOT NULL,
    sender_user_id uuid NOT NULL,
    text text NOT NULL,
    client_message_id text,
    created_at timestamptz NOT NULL,
    -- Also serves the messages of a thread, in either direction, and its last one.
    CONSTRAINT messages_thread_seq_key UNIQUE (thread_id, seq),
    CONSTRAINT messages_thread_fkey FOREIGN KEY (thread_id) REFERENCES threads (id) ON DELETE CASCADE,
    CONSTRAINT messages_sender_fkey FOREIGN KEY (sender_user_id) REFERENCES users (id),
    CONSTRAINT messages_seq_positive CHECK (seq >= 1),
    CONSTRAINT messages_sender_type_known CHECK (sender_type IN ('COMPANY', 'TECHNICIAN')),
    CONSTRAINT messages_text_length CHECK (char_length(text) BETWEEN 1 AND 4000),
    CONSTRAINT messages_client_message_id_length CHECK (char_length(client_message_id) BETWEEN 1 AND 64)
);

-- A message that its sender sends again.
CREATE UNIQUE INDEX messages_client_message_id_key ON messages (thread_id, sender_user_id, client_message_id)
    WHERE client_message_id IS NOT NULL;
