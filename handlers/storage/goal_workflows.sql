-- The workflow's own table in the product's database, and the only change to it: a goal's workflow state, its lock
-- and its fence in one row. Run it as often as you like.
-- No foreign key: deleting a goal must neither be hindered by a run nor drop the run's lock.

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
    -- held: all four say so; free: none does
    CHECK ((execution_id IS NOT NULL) = (state = 'PROCESSING')),
    CHECK ((execution_id IS NOT NULL) = (previous_state IS NOT NULL)),
    CHECK ((execution_id IS NOT NULL) = (phase IS NOT NULL))
);

COMMENT ON TABLE goal_workflows IS 'Task generation: state, lock and fence of a goal';

-- The sweep reads the held locks alone.
CREATE INDEX IF NOT EXISTS goal_workflows_held ON goal_workflows (updated_at)
    WHERE execution_id IS NOT NULL;
