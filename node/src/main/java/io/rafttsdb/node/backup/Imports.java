package io.rafttsdb.node.backup;

import io.rafttsdb.node.backup.NotDone.Kind;
import io.rafttsdb.replica.BlockImports.Rewritten;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ReplicaFailure;
import io.rafttsdb.replica.ShardReplica;
import io.rafttsdb.replica.backup.BackupBlock;
import io.rafttsdb.replica.backup.BackupDirectory;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings blocks of other storages into the cluster: writes each anew on this node, has a majority
 * of the voters pull it, and then has it entered by the log. One at a time. What breaks off may be
 * asked for again and goes on.
 */
public final class Imports {

  private static final Logger log = LoggerFactory.getLogger(Imports.class);
  private static final Duration BARRIER_LIMIT = Duration.ofSeconds(10);
  private static final Duration MAJORITY_LIMIT = Duration.ofMinutes(20);
  private static final int VOTERS_MAX = 64;

  private final NodeCalls calls;
  private final Semaphore alone = new Semaphore(1);

  public Imports(HttpClient client) {
    this.calls = new NodeCalls(client);
  }

  /** What became of a block; of its parts in several shards the first of these. */
  public enum Result {
    IMPORTED,
    /** It was there already. */
    PRESENT,
    /** No sample is left in it. */
    EMPTY
  }

  /** A block and what became of it. */
  public record Done(Ulid ulid, Result result) {}

  /**
   * Reads the description of a backup and makes the cluster ready for its blocks. May be repeated.
   *
   * @param shards all of the cluster
   * @param directory of the backup
   * @return what is to be imported
   */
  public BackupDescription restore(List<ShardReplica> shards, Path directory)
      throws NotDone, IOException, InterruptedException {
    BackupDescription backup = read(directory);
    if (backup.upToMs() != Long.MIN_VALUE) {
      for (ShardReplica shard : shards) {
        calls.restore(shard, backup.upToMs(), backup.newestMs());
      }
    }
    return backup;
  }

  private static BackupDescription read(Path directory) throws NotDone, IOException {
    Path file = directory.resolve(BackupDirectory.DESCRIPTION);
    if (!Files.isRegularFile(file) || Files.size(file) > BackupJson.BYTES_MAX) {
      throw new NotDone(
          Kind.REFUSED,
          directory + " is no backup on this node: it has no " + BackupDirectory.DESCRIPTION);
    }
    try {
      return BackupJson.read(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new NotDone(Kind.REFUSED, file + ": " + e.getMessage());
    }
  }

  /**
   * Imports the block of a directory, or all those in it, oldest first: of each block every shard
   * takes the series that belong to it. May be repeated.
   *
   * @param shards all of the cluster
   * @param directory on this node
   * @return the blocks; where one could not be imported, those before it were, and the failure
   *     names it
   */
  public List<Done> run(List<ShardReplica> shards, Path directory)
      throws NotDone, InterruptedException {
    if (!alone.tryAcquire()) {
      throw new NotDone(Kind.NOT_NOW, "another import is under way on this node");
    }
    try {
      List<Done> done = new ArrayList<>();
      for (Path block : blocks(directory)) {
        done.add(importBlock(shards, block));
      }
      return done;
    } finally {
      alone.release();
    }
  }

  /** A ULID begins with the time at which the block was made. */
  private static List<Path> blocks(Path directory) throws NotDone {
    if (isBlock(directory)) {
      return List.of(directory);
    }
    try (Stream<Path> listed = Files.list(directory)) {
      List<Path> blocks = listed.filter(Imports::isBlock).sorted().toList();
      if (blocks.isEmpty()) {
        throw new NotDone(Kind.REFUSED, directory + " has no blocks on this node");
      }
      return blocks;
    } catch (IOException e) {
      throw new NotDone(Kind.REFUSED, directory + " can't be read on this node: " + e);
    }
  }

  private static boolean isBlock(Path directory) {
    return Ulid.isUlid(String.valueOf(directory.getFileName())) && Files.isDirectory(directory);
  }

  private Done importBlock(List<ShardReplica> shards, Path directory)
      throws NotDone, InterruptedException {
    Ulid ulid = Ulid.parse(String.valueOf(directory.getFileName()));
    Set<Result> results = EnumSet.noneOf(Result.class);
    for (ShardReplica shard : shards) {
      results.add(importPart(shard, ulid, directory));
    }
    return new Done(ulid, results.iterator().next()); // the first of them in their order
  }

  private Result importPart(ShardReplica replica, Ulid foreign, Path directory)
      throws NotDone, InterruptedException {
    Ulid ulid = replica.imports().nameOf(foreign);
    try {
      long _ = replica.awaitReadable(BARRIER_LIMIT);
      Result result = importAlone(replica, directory);
      replica.imports().release(ulid);
      return result;
    } catch (ReplicaFailure.Unavailable e) {
      // The entry may be there: the block stays for a while.
      throw new NotDone(Kind.NOT_NOW, "block " + ulid + ": " + e.getMessage());
    } catch (IOException e) {
      replica.imports().release(ulid);
      throw new NotDone(Kind.REFUSED, "block " + ulid + ": " + e.getMessage());
    }
  }

  private Result importAlone(ShardReplica replica, Path directory)
      throws NotDone, IOException, ReplicaFailure.Unavailable, InterruptedException {
    return switch (replica.imports().rewrite(directory)) {
      case Rewritten.Known known -> Result.PRESENT;
      case Rewritten.Empty empty -> Result.EMPTY;
      case Rewritten.Refused(String reason) -> throw new NotDone(Kind.REFUSED, reason);
      case Rewritten.Staged(BackupBlock block) -> {
        awaitMajority(replica, block);
        calls.enter(replica, block);
        // Else this node might sweep it before it has applied the entry that names it.
        long _ = replica.awaitReadable(BARRIER_LIMIT);
        log.info("imported block {} from {}", block.ulid(), directory);
        yield Result.IMPORTED;
      }
    };
  }

  /** Until a majority of the voters has the block on disk, this node included if it votes. */
  private void awaitMajority(ShardReplica replica, BackupBlock block)
      throws NotDone, InterruptedException {
    List<Member> voters = replica.membership().present().voters();
    List<Member> others =
        voters.stream().filter(voter -> !voter.id().equals(replica.self().id())).toList();
    int needed = voters.size() / 2 + 1 - (voters.size() - others.size());
    ArrayBlockingQueue<String> answers = new ArrayBlockingQueue<>(VOTERS_MAX);
    List<Thread> asking = new ArrayList<>();
    for (Member other : others) {
      asking.add(
          Thread.ofVirtual()
              .name("stage-" + other.name())
              .start(() -> answers.add(staged(other, replica, block))));
    }
    long deadline = System.nanoTime() + MAJORITY_LIMIT.toNanos();
    List<String> failures = new ArrayList<>();
    try {
      for (int here = 0; here < needed; ) {
        String answer = answers.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (answer != null && answer.isEmpty()) {
          here++;
          continue;
        }
        failures.add(answer == null ? "no answer in time" : answer);
        if (answer == null || others.size() - failures.size() < needed) {
          throw new NotDone(
              Kind.NOT_NOW,
              "block " + block.ulid() + " does not come to a majority of the voters: " + failures);
        }
      }
    } finally {
      asking.forEach(Thread::interrupt);
    }
  }

  /** Empty where the node has it. */
  private String staged(Member node, ShardReplica replica, BackupBlock block) {
    try {
      calls.stage(node, replica.shard(), block, replica.self());
      return "";
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "ended";
    }
  }
}
