An audit log says who did what and what was refused: `audit_log/`, for administrators, kept for `AUDIT_LOG_DAYS`.
