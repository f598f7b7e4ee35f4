-- The part of goal-mandala's own schema that the workflow reads and writes, as its Prisma migrations leave it.
-- As there, ids and "updatedAt" have no default: whoever writes a row brings them.

CREATE TYPE "GoalStatus" AS ENUM ('ACTIVE', 'COMPLETED', 'PAUSED', 'CANCELLED');
CREATE TYPE "ActionType" AS ENUM ('EXECUTION', 'HABIT');
CREATE TYPE "TaskType" AS ENUM ('EXECUTION', 'HABIT');
CREATE TYPE "TaskStatus" AS ENUM ('NOT_STARTED', 'IN_PROGRESS', 'COMPLETED', 'SKIPPED');

CREATE TABLE users (
    id uuid PRIMARY KEY,
    email varchar(255) NOT NULL UNIQUE,
    name varchar(100) NOT NULL,
    "createdAt" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamptz NOT NULL
);

CREATE TABLE goals (
    id uuid PRIMARY KEY,
    "userId" uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE ON UPDATE CASCADE,
    title varchar(200) NOT NULL,
    description text,
    deadline timestamptz,
    background text,
    constraints text,
    status "GoalStatus" NOT NULL DEFAULT 'ACTIVE',
    progress smallint NOT NULL DEFAULT 0,
    "createdAt" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamptz NOT NULL
);

CREATE TABLE sub_goals (
    id uuid PRIMARY KEY,
    "goalId" uuid NOT NULL REFERENCES goals (id) ON DELETE CASCADE ON UPDATE CASCADE,
    title varchar(200) NOT NULL,
    description text,
    background text,
    constraints text,
    position smallint NOT NULL,
    progress smallint NOT NULL DEFAULT 0,
    "createdAt" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamptz NOT NULL,
    UNIQUE ("goalId", position)
);

CREATE TABLE actions (
    id uuid PRIMARY KEY,
    "subGoalId" uuid NOT NULL REFERENCES sub_goals (id) ON DELETE CASCADE ON UPDATE CASCADE,
    title varchar(200) NOT NULL,
    description text,
    background text,
    constraints text,
    type "ActionType" NOT NULL DEFAULT 'EXECUTION',
    position smallint NOT NULL,
    progress smallint NOT NULL DEFAULT 0,
    "createdAt" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamptz NOT NULL,
    UNIQUE ("subGoalId", position)
);

CREATE TABLE tasks (
    id uuid PRIMARY KEY,
    "actionId" uuid NOT NULL REFERENCES actions (id) ON DELETE CASCADE ON UPDATE CASCADE,
    title varchar(255) NOT NULL,
    description text,
    type "TaskType" NOT NULL DEFAULT 'EXECUTION',
    status "TaskStatus" NOT NULL DEFAULT 'NOT_STARTED',
    "estimatedMinutes" smallint NOT NULL,
    deadline timestamptz,
    "completedAt" timestamptz,
    "createdAt" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamptz NOT NULL
);

CREATE INDEX ON tasks ("actionId", status);
