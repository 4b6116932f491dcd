package io.rafttsdb.node.backup;

import io.rafttsdb.node.backup.NotDone.Kind;
import io.rafttsdb.replica.FreezeTicket;
import io.rafttsdb.replica.FrozenShard;
import io.rafttsdb.replica.ShardReplica;
import io.rafttsdb.replica.backup.BackupDirectory;
import io.rafttsdb.replica.backup.ShardBackup;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes backups on this node: of each shard the state after one entry, which is put into the log
 * for it. So a backup has all that was acknowledged before it was asked for, and nothing that was
 * begun after it was answered. One at a time.
 */
public final class Backups {

  /** Below the data directory. */
  public static final String DIRECTORY = "backups";

  private static final Logger log = LoggerFactory.getLogger(Backups.class);
  private static final Duration APPLY_LIMIT = Duration.ofSeconds(60);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final BackupDirectory directory;
  private final NodeCalls calls;
  private final InstantSource clock;
  private final Semaphore alone = new Semaphore(1);

  /** What of a shard goes into a backup. */
  public enum Extent {
    ALL,
    /** Without what is in the Head: cheap, since only links are made. */
    WITHOUT_HEAD
  }

  /**
   * Backups of a node.
   *
   * @param data the node's data directory
   */
  public Backups(Path data, HttpClient client, InstantSource clock) {
    this.directory = new BackupDirectory(data.resolve(DIRECTORY));
    this.calls = new NodeCalls(client);
    this.clock = clock;
  }

  /** Removes what a crash left unfinished; before the first is made. */
  public void sweep() throws IOException {
    directory.sweep();
  }

  /**
   * Makes a backup.
   *
   * @param shards all of the cluster, in order
   * @return its name
   * @throws IOException where this node's disk fails it
   */
  public String take(String clusterId, List<ShardReplica> shards, Extent extent)
      throws NotDone, IOException, InterruptedException {
    if (!alone.tryAcquire()) {
      throw new NotDone(Kind.NOT_NOW, "another backup is being made on this node");
    }
    try {
      return takeAlone(clusterId, shards, extent);
    } finally {
      alone.release();
    }
  }

  private String takeAlone(String clusterId, List<ShardReplica> shards, Extent extent)
      throws NotDone, IOException, InterruptedException {
    ShardReplica first = shards.getFirst();
    String name =
        TIME.format(clock.instant()) + "-" + HexFormat.of().toHexDigits(first.drawName().low());
    List<FreezeTicket> tickets = new ArrayList<>();
    try {
      List<FrozenShard> frozen = new ArrayList<>();
      for (ShardReplica shard : shards) {
        tickets.add(shard.announceFreeze());
      }
      for (int i = 0; i < shards.size(); i++) {
        calls.freeze(shards.get(i), tickets.get(i).name());
      }
      for (FreezeTicket ticket : tickets) {
        frozen.add(ticket.await(APPLY_LIMIT));
      }
      List<Optional<Ulid>> heads =
          shards.stream()
              .map(shard ->
                  extent == Extent.ALL ? Optional.of(shard.drawName()) : Optional.<Ulid>empty())
              .toList();
      write(name, clusterId, first.self().name(), frozen, heads);
    } catch (TimeoutException e) {
      throw new NotDone(
          Kind.NOT_NOW,
          "this node has not applied the entry of the backup within "
              + APPLY_LIMIT.toSeconds()
              + " s");
    } finally {
      for (FreezeTicket ticket : tickets) {
        ticket.close();
      }
    }
    return name;
  }

  private void write(
      String name,
      String clusterId,
      String node,
      List<FrozenShard> frozen,
      List<Optional<Ulid>> heads)
      throws IOException, InterruptedException {
    Path blocks = directory.begin(name);
    try {
      List<ShardBackup> shards = new ArrayList<>();
      for (int i = 0; i < frozen.size(); i++) {
        shards.add(frozen.get(i).write(blocks, heads.get(i)));
      }
      byte[] description = BackupJson.write(new BackupDescription(name, clusterId, node, shards));
      Path made = directory.publish(name, description);
      log.info("backup {}", made);
    } catch (IOException | InterruptedException | RuntimeException e) {
      directory.abandon(name);
      throw e;
    }
  }
}
