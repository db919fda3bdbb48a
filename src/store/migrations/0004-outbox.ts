// Mails that are owed for executions that ended, and settings of the home, which server takes mail among them.

export const outbox: readonly string[] = [
  // `ended_at` tells the ends of an execution apart that was resumed: nobody gets two mails for one end.
  `create table outbox (
    execution_id text not null, ended_at integer not null, address text not null,
    status text not null, message_id text not null, subject text not null, body text not null, html text not null,
    attempts integer not null, next_at integer, settled_at integer, error text, engine_id text,
    primary key (execution_id, ended_at, address)) strict, without rowid`,
  `create index outbox_owed on outbox (status) where status in ('queued', 'claimed', 'sending')`,
  // `value` is JSON.
  `create table settings (name text primary key, value text not null) strict, without rowid`,
]
