package io.rafttsdb.storage.manifest;

/** What a command makes of a manifest: the same on every replica. */
public sealed interface ManifestChange {

  /** The manifest from now on. */
  record Accepted(Manifest manifest) implements ManifestChange {}

  /** Nothing changes: the plan of an old leader, or a repeat. */
  record Refused(String reason) implements ManifestChange {}
}
