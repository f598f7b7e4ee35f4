-- The workflow's own table in the product's database, and the only change to it. One row holds a goal's workflow state
-- and its lock. The migration can be repeated.
-- There is no foreign key: an execution does not prevent the deletion of its goal, which does not drop the lock.

-- While it waits for a lock, every function that comes later waits behind it: so it gives up first, and is repeated.
SET LOCAL lock_timeout = '2s';

CREATE TABLE IF NOT EXISTS goal_workflows (
    goal_id uuid PRIMARY KEY,
    state text NOT NULL DEFAULT 'DRAFT'
        CHECK (state IN ('DRAFT', 'PROCESSING', 'ACTIVE', 'PARTIAL', 'FAILED')),
    execution_id uuid,
    previous_state text
        CHECK (previous_state IN ('DRAFT', 'ACTIVE', 'PARTIAL', 'FAILED')),
    phase text
        CHECK (phase IN ('GENERATING', 'SAVING', 'ENDING', 'CANCELLED')),
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- While the lock is held all four columns are set, while it is free none is.
    CHECK ((execution_id IS NOT NULL) = (state = 'PROCESSING')),
    CHECK ((execution_id IS NOT NULL) = (previous_state IS NOT NULL)),
    CHECK ((execution_id IS NOT NULL) = (phase IS NOT NULL))
);

COMMENT ON TABLE goal_workflows IS 'Task generation: a goal''s state and lock';

-- The sweep reads only held locks.
CREATE INDEX IF NOT EXISTS goal_workflows_held ON goal_workflows (updated_at)
    WHERE execution_id IS NOT NULL;
