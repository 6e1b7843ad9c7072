import GRDB

/// The tables, as an ordered list of named migrations. A released one is never changed; the next one follows it.
enum Schema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 cameras, warnings, cases, people") { db in try db.execute(sql: first) }
    return migrator
  }

  /// Times are seconds since 1970 in UTC, lists and documents JSON. Columns that nothing fills yet are the city's: grid cell,
  /// GB/T 28181 device and channel codes.
  private static let first = """
    CREATE TABLE camera (
      id TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 128),
      name TEXT NOT NULL,
      url TEXT NOT NULL,
      username TEXT,
      secret BLOB,
      district TEXT, gridCell TEXT, placeCode TEXT, deviceCode TEXT, channelCode TEXT,
      longitude REAL CHECK (longitude BETWEEN -180 AND 180),
      latitude REAL CHECK (latitude BETWEEN -90 AND 90),
      owner TEXT,
      timeZone TEXT NOT NULL,
      sampleRate REAL NOT NULL CHECK (sampleRate > 0),
      width INTEGER CHECK (width > 0), height INTEGER CHECK (height > 0),
      zonesVersion INTEGER NOT NULL DEFAULT 0,
      createdAt REAL NOT NULL, updatedAt REAL NOT NULL, removedAt REAL
    ) STRICT;

    CREATE TABLE zones (
      camera TEXT NOT NULL REFERENCES camera(id),
      version INTEGER NOT NULL CHECK (version > 0),
      zones TEXT NOT NULL CHECK (json_valid(zones)),
      by TEXT NOT NULL, at REAL NOT NULL,
      PRIMARY KEY (camera, version)
    ) STRICT;

    CREATE TABLE ruleState (
      camera TEXT NOT NULL PRIMARY KEY REFERENCES camera(id),
      state BLOB NOT NULL, at REAL NOT NULL
    ) STRICT;

    CREATE TABLE warning (
      id TEXT NOT NULL PRIMARY KEY,
      camera TEXT NOT NULL REFERENCES camera(id),
      type TEXT NOT NULL, category TEXT, zone TEXT, zoneName TEXT,
      polygon TEXT CHECK (polygon IS NULL OR json_valid(polygon)),
      state TEXT NOT NULL CHECK (state IN ('appearing', 'candidate', 'warned', 'clearing', 'cleared', 'unknown')),
      score REAL, class TEXT,
      x REAL NOT NULL, y REAL NOT NULL, width REAL NOT NULL, height REAL NOT NULL,
      startTime REAL NOT NULL, dueTime REAL NOT NULL, alertTime REAL NOT NULL, endTime REAL,
      why TEXT NOT NULL CHECK (json_valid(why)),
      history TEXT NOT NULL CHECK (json_valid(history)),
      clip TEXT, stills TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(stills)),
      decision TEXT CHECK (decision IN ('confirm', 'reject', 'unclear')),
      storedAt REAL NOT NULL
    ) STRICT;
    CREATE INDEX warningByDecision ON warning (decision, alertTime, id);
    CREATE INDEX warningByTime ON warning (alertTime, id);
    CREATE INDEX warningByCamera ON warning (camera, alertTime, id);
    CREATE INDEX warningByType ON warning (type, alertTime, id);
    CREATE INDEX warningByPlace ON warning (camera, zone, type, decision, alertTime);

    CREATE TABLE suppressed (
      id INTEGER PRIMARY KEY,
      camera TEXT NOT NULL REFERENCES camera(id),
      type TEXT NOT NULL, zone TEXT NOT NULL DEFAULT '', zoneName TEXT,
      startTime REAL NOT NULL, endTime REAL, class TEXT,
      x REAL NOT NULL, y REAL NOT NULL, width REAL NOT NULL, height REAL NOT NULL,
      reason TEXT NOT NULL, why TEXT NOT NULL CHECK (json_valid(why)),
      UNIQUE (camera, type, zone, startTime, x, y)
    ) STRICT;
    CREATE INDEX suppressedByTime ON suppressed (startTime);
    CREATE INDEX suppressedByCamera ON suppressed (camera, startTime);

    CREATE TABLE claim (
      warning TEXT NOT NULL PRIMARY KEY REFERENCES warning(id) ON DELETE CASCADE,
      by TEXT NOT NULL, until REAL NOT NULL
    ) STRICT;

    CREATE TABLE review (
      id INTEGER PRIMARY KEY,
      warning TEXT NOT NULL REFERENCES warning(id) ON DELETE CASCADE,
      decision TEXT NOT NULL CHECK (decision IN ('confirm', 'reject', 'unclear')),
      reason TEXT, note TEXT NOT NULL DEFAULT '',
      by TEXT NOT NULL, at REAL NOT NULL, undoneAt REAL,
      CHECK (decision <> 'reject' OR reason IS NOT NULL)
    ) STRICT;
    CREATE INDEX reviewByWarning ON review (warning, id);
    CREATE UNIQUE INDEX oneDecision ON review (warning) WHERE undoneAt IS NULL AND decision <> 'unclear';

    CREATE TABLE caseFile (
      id TEXT NOT NULL PRIMARY KEY,
      warning TEXT NOT NULL UNIQUE REFERENCES warning(id) ON DELETE CASCADE,
      stage TEXT NOT NULL CHECK (stage IN ('confirmed', 'dispatched', 'handled', 'verified')),
      openedAt REAL NOT NULL, changedAt REAL NOT NULL
    ) STRICT;
    CREATE INDEX caseByStage ON caseFile (stage, openedAt, id);
    CREATE INDEX caseByTime ON caseFile (openedAt, id);

    CREATE TABLE caseStage (
      caseFile TEXT NOT NULL REFERENCES caseFile(id) ON DELETE CASCADE,
      stage TEXT NOT NULL CHECK (stage IN ('flagged', 'confirmed', 'dispatched', 'handled', 'verified')),
      at REAL NOT NULL, by TEXT, note TEXT NOT NULL DEFAULT '',
      PRIMARY KEY (caseFile, stage)
    ) STRICT;
    CREATE INDEX stageByTime ON caseStage (stage, at);

    CREATE TABLE person (
      name TEXT NOT NULL PRIMARY KEY COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 64),
      role TEXT NOT NULL CHECK (role IN ('operator', 'inspector', 'qa', 'administrator')),
      password TEXT NOT NULL,
      mustChange INTEGER NOT NULL DEFAULT 0,
      disabled INTEGER NOT NULL DEFAULT 0,
      createdAt REAL NOT NULL, lastLogin REAL
    ) STRICT;

    CREATE TABLE session (
      token BLOB NOT NULL PRIMARY KEY,
      person TEXT NOT NULL REFERENCES person(name) ON DELETE CASCADE,
      csrf TEXT NOT NULL, createdAt REAL NOT NULL, seenAt REAL NOT NULL, address TEXT NOT NULL
    ) STRICT;
    CREATE INDEX sessionByPerson ON session (person);

    CREATE TABLE attempts (
      key TEXT NOT NULL PRIMARY KEY,
      failures INTEGER NOT NULL, lastAt REAL NOT NULL, lockedUntil REAL NOT NULL DEFAULT 0
    ) STRICT;

    CREATE TABLE audit (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at REAL NOT NULL, by TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL,
      detail TEXT NOT NULL CHECK (json_valid(detail))
    ) STRICT;
    CREATE INDEX auditByPerson ON audit (by, id);
    CREATE INDEX auditByAction ON audit (action, id);

    CREATE TABLE event (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at REAL NOT NULL, kind TEXT NOT NULL, object TEXT NOT NULL, data TEXT
    ) STRICT;
    """
}
