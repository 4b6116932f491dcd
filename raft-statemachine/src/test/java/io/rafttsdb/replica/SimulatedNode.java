package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.command.CommandResult;
import io.rafttsdb.command.LogCommand;
import io.rafttsdb.replica.ReplicaConfig.FirstRole;
import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.disk.SnapshotManifest;
import io.rafttsdb.storage.Tsdb;
import io.rafttsdb.storage.block.BlockChecksum;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.manifest.OrderedCompaction;
import io.rafttsdb.storage.model.ClusterVersions;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.BlockFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * A node of a {@link SimulatedShard}: its disk, which outlives its processes, and what of the log
 * it has. The log itself is always on the disk.
 */
final class SimulatedNode implements SimulatedProcess.Surroundings, AutoCloseable {
  private static final UUID CLUSTER = new UUID(5, 6);

  private final SimulatedShard shard;
  private final Member member;
  private final List<Member> members;
  private final Path place;
  private final SplittableRandom random;
  private final SimulatedPeers network;
  private final int segmentEntries;

  private SimulatedDisk disk;
  private SimulatedProcess process;
  private int wipes;

  /** First entry of the log that is still here. */
  private long logStart;

  private long logEnd = -1;
  private boolean isConnected = true;
  private boolean isBusy;
  private boolean isDamaged;
  private long spilled;

  SimulatedNode(
      SimulatedShard shard,
      Member member,
      List<Member> members,
      Path place,
      SplittableRandom random)
      throws IOException {
    this.shard = shard;
    this.member = member;
    this.members = members;
    this.place = place;
    this.random = random;
    this.network = new SimulatedPeers(this, shard, random.split());
    this.segmentEntries = random.nextInt(1, 20);
    this.disk = new SimulatedDisk(place.resolve("disk0"));
    this.process = started();
  }

  private SimulatedProcess started() throws IOException {
    return new SimulatedProcess(config(), disk, shard, this, logEnd);
  }

  private ReplicaConfig config() {
    ReplicaLimits limits =
        new ReplicaLimits(
            Duration.ofMillis(100),
            Duration.ofMillis(200),
            1,
            Duration.ZERO,
            Duration.ZERO,
            1L << 50,
            1 << 20,
            1,
            1,
            Duration.ofDays(1));
    return new ReplicaConfig(
        CLUSTER,
        member,
        member.raftAddress(),
        members,
        disk.root(),
        TestCluster.SETTINGS,
        SimulatedShard.policy(),
        limits,
        FirstRole.VOTER);
  }

  Member member() {
    return member;
  }

  SimulatedProcess process() {
    return process;
  }

  Tsdb tsdb() {
    return process.tsdb();
  }

  // ---- the log

  /** Index of the last applied entry, from 0 on; -1 before. */
  long applied() {
    return tsdb().publishedIndex();
  }

  long logStart() {
    return logStart;
  }

  long logEnd() {
    return logEnd;
  }

  /** Whether it can go on with the entries that another node still has. */
  boolean canFollow(SimulatedNode leader) {
    return leader.logStart <= logEnd + 1;
  }

  void receiveUpTo(long index) {
    logEnd = Math.max(logEnd, index);
  }

  private TermIndex at(long index) {
    return TermIndex.valueOf(shard.history().entry(index).term(), index);
  }

  /** Applies the next entry of its log, and compares what became of it (R1, R3, R5). */
  void applyNext() {
    long index = applied() + 1;
    assertThat(index).as("the log of %s", this).isBetween(logStart, logEnd);
    SimulatedHistory.Entry entry = shard.history().entry(index);
    AppliedEntry result = applyMutated(index, entry.bytes());
    assertThat(result).as("what %s makes of entry %d", this, index).isEqualTo(entry.result());
  }

  private AppliedEntry applyMutated(long index, byte[] entry) {
    LogCommand command = SimulatedHistory.decoded(entry);
    boolean lacks =
        tsdb().manifest().parts().stream()
            .anyMatch(part -> part.isBuilt() && !process.store.has(part.ulid()));
    boolean isSkipped =
        switch (mutant()) {
          case APPLY_READS_BLOCKS -> lacks && command instanceof LogCommand.Delete;
          case LEADER_APPLIES_ANYHOW ->
              command instanceof LogCommand.CutHead && shard.leader() == this && index % 3 == 0;
          default -> false;
        };
    if (isSkipped) {
      tsdb().publish(index);
      return AppliedEntry.of(new CommandResult.Done());
    }
    AppliedEntry result = process.apply(index, entry);
    if (mutant() == Mutant.FORGETS_WHAT_OTHERS_HAVE
        && command instanceof LogCommand.BlockBuilt(Ulid ulid, BlockFacts facts)) {
      tsdb().forget(ulid);
    }
    return result;
  }

  /** Freezes a snapshot if one is due, and lets the log go that is not needed any more (R4). */
  void takeSnapshot() {
    if (applied() < 0) {
      return;
    }
    long purge = process.takeSnapshot(at(applied()));
    long upTo = mutant() == Mutant.PURGES_TOO_EARLY ? applied() : purge;
    if (upTo >= 0) {
      assertThat(process.snapshots.list().stream().limit(SnapshotDirectory.KEPT))
          .as("snapshots of %s, whose log goes up to %d", this, upTo)
          .allMatch(kept -> kept.index() >= upTo);
      long whole = (upTo + 1) / segmentEntries * segmentEntries;
      if (whole > logStart) {
        logStart = whole;
        shard.count("log purged");
      }
    }
  }

  void writeSnapshot() {
    if (process.isWritingSnapshot()) {
      long before = process.taker.taken();
      process.writeSnapshot();
      if (process.taker.taken() > before) {
        shard.count("snapshot");
      }
    }
  }

  /** The log goes on from the newest snapshot, and at the moment of a purge from each kept one. */
  void checkLog() {
    long newest = process.snapshots.newest().map(SnapshotManifest::index).orElse(-1L);
    assertThat(newest + 1)
        .as("newest snapshot of %s, whose log begins at %d", this, logStart)
        .isGreaterThanOrEqualTo(logStart);
  }

  // ---- the work behind

  private void busy(Work work) throws IOException {
    isBusy = true;
    try {
      work.run();
    } catch (InterruptedException e) {
      shard.count("killed while working");
      disk.stopAfter(0);
    } finally {
      isBusy = false;
    }
  }

  /** Work of a thread, in which others of the shard may come in between. */
  @FunctionalInterface
  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  boolean isBusy() {
    return isBusy;
  }

  void work() throws IOException {
    busy(() -> {
      boolean _ = process.keeper.step();
    });
    if (mutant() == Mutant.DROPS_SOURCES_EARLY) {
      for (OrderedCompaction each : tsdb().manifest().compactions()) {
        if (process.store.has(each.result())) {
          for (Ulid source : each.sources()) {
            process.store.remove(source);
          }
        }
      }
    }
  }

  void scrub() throws InterruptedException {
    boolean _ = process.scrubber.step();
  }

  /** Reads all blocks through. */
  void scrubAll() throws InterruptedException {
    while (process.scrubber.step()) {
      // the next one
    }
  }

  void sweep() throws IOException {
    long before = process.sweeper.swept();
    process.sweeper.sweep(process::tsdb);
    if (process.sweeper.swept() > before) {
      shard.count("block swept");
    }
  }

  void spill() throws IOException {
    int chunks = tsdb().spill();
    spilled += chunks;
    if (chunks > 0) {
      shard.count("chunks spilled");
    }
  }

  /** Chunks that were brought to disk so far. */
  long spilled() {
    return spilled;
  }

  /** Pulls the leader's snapshot; it takes effect later. */
  void install(SimulatedNode leader) throws IOException {
    if (process.isInstalled()) {
      reinitialize();
      return;
    }
    busy(() -> {
      try {
        process.install(leader.member, peers(), leader.logStart);
        shard.count("snapshot pulled");
      } catch (IOException e) {
        shard.count("pull failed");
      }
    });
  }

  /** The pulled engine replaces the present one, where there is one. */
  void reinitialize() throws IOException {
    if (process.isInstalled()) {
      goOnFrom(process.reinitialize().getIndex());
      shard.count("installed");
    }
  }

  /** The log up to a snapshot is not needed, and may not be there. */
  private void goOnFrom(long index) {
    if (index > logEnd) {
      logEnd = index;
      logStart = index + 1;
    }
  }

  @Override
  public void whileBuilding() throws InterruptedException {
    shard.meanwhile(this);
    if (shard.hasFaults() && random.nextInt(300) == 0) {
      throw new InterruptedException("the node stops");
    }
  }

  @Override
  public Mutant mutant() {
    return shard.mutant();
  }

  // ---- faults

  boolean isConnected() {
    return isConnected;
  }

  void connect(boolean connected) {
    isConnected = connected;
  }

  /** Its process will end after so many changes of files more. */
  void doom(int steps) {
    disk.stopAfter(steps);
  }

  boolean isDead() {
    return disk.isStopped();
  }

  /** The process is killed, perhaps with the machine, and starts again (R4). */
  void restart() throws IOException {
    disk.stopAfter(0);
    process.close();
    shard.count("killed");
    while (true) {
      if (random.nextInt(3) > 0) {
        SimulatedDisk.Loss[] losses = SimulatedDisk.Loss.values();
        disk.powerLoss(losses[random.nextInt(losses.length)], random);
        shard.count("power lost");
      }
      disk.stopAfter(
          shard.hasFaults() && random.nextInt(8) == 0 ? random.nextInt(40) : Integer.MAX_VALUE);
      try {
        process = started();
        if (!disk.isStopped()) {
          disk.stopAfter(Integer.MAX_VALUE);
          break;
        }
        process.close(); // what it met was an error to go on from, and the kill is one all the same
      } catch (SimulatedDisk.Stopped e) {
        // The next start finds what it left.
      }
      shard.count("killed while starting");
    }
    long loaded = applied();
    if (loaded > logEnd) {
      goOnFrom(loaded); // it was killed after a pull and before that took effect
    }
    assertThat(loaded + 1)
        .as("%s starts with a snapshot before its log, which begins at %d", this, logStart)
        .isGreaterThanOrEqualTo(logStart);
    shard.checkStart(this);
  }

  /** The disk is lost, and an empty one takes its place. */
  void wipe() throws IOException {
    disk.stopAfter(0);
    process.close();
    new LocalDisk().delete(place.resolve("disk" + wipes));
    wipes++;
    disk = new SimulatedDisk(place.resolve("disk" + wipes));
    logStart = 0;
    logEnd = -1;
    isDamaged = false;
    process = started();
    shard.count("wiped");
  }

  /** Flips a bit of a block that another node has. */
  void damage() throws IOException {
    List<ManifestPart> parts =
        tsdb().manifest().parts().stream()
            .filter(part -> part.isBuilt() && process.store.has(part.ulid()))
            .filter(part -> shard.isSoundElsewhere(this, part))
            .toList();
    if (parts.isEmpty()) {
      return;
    }
    Ulid ulid = parts.get(random.nextInt(parts.size())).ulid();
    Path block = process.store.directory().of(ulid);
    flip(block.resolve(random.nextBoolean() ? "index" : "chunks/000001"));
    isDamaged = true;
    shard.count("block damaged");
  }

  /** Flips a bit of the newest snapshot's image, where an older one can take its place. */
  void damageSnapshot() throws IOException {
    List<SnapshotManifest> kept = process.snapshots.list();
    if (kept.size() < 2 || kept.get(1).index() + 1 < logStart) {
      return;
    }
    flip(process.snapshots.pathOf(kept.getFirst()).resolve(SnapshotManifest.IMAGE_NAME));
    shard.count("snapshot damaged");
    restart();
  }

  private void flip(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      long place = random.nextLong(channel.size());
      int _ = channel.read(one, place);
      one.put(0, (byte) (one.get(0) ^ 1 << random.nextInt(8)));
      int _ = channel.write(one.rewind(), place);
    }
  }

  /** Whether a query may be refused, since a bit of a block was flipped at some time. */
  boolean isDamaged() {
    return isDamaged;
  }

  /** Whether it lacks a block made of merged ones: those that went into them are known no more. */
  boolean isBehindByTwo() {
    return tsdb().manifest().parts().stream()
        .anyMatch(part -> part.level() > 2 && !process.store.has(part.ulid()));
  }

  /** As a node finds out before it gives a block away, or the one that gets it. */
  boolean hasSound(ManifestPart part) {
    try {
      return process.store.has(part.ulid())
          && BlockFiles.verify(process.store.directory().of(part.ulid()), bytes -> {})
              .equals(part.facts());
    } catch (IOException e) {
      return false;
    }
  }

  /** Checksums of all blocks that the manifest names, by name; those that lack are left out. */
  Map<Ulid, String> checksums() throws IOException {
    Map<Ulid, String> checksums = new TreeMap<>();
    for (ManifestPart part : tsdb().manifest().parts()) {
      if (process.store.has(part.ulid())) {
        Path block = process.store.directory().of(part.ulid());
        checksums.put(part.ulid(), HexFormat.of().formatHex(BlockChecksum.of(block, bytes -> {})));
      }
    }
    return checksums;
  }

  // ---- what others are for it

  @Override
  public List<Member> peers() {
    List<Member> peers = new ArrayList<>(members);
    peers.remove(member);
    if (random.nextBoolean()) {
      peers.add(peers.removeFirst());
    }
    return peers;
  }

  @Override
  public SnapshotSource source() {
    return network;
  }

  @Override
  public boolean leads() {
    return shard.leader() == this && applied() == shard.history().lastIndex();
  }

  @Override
  public int voters() {
    return members.size();
  }

  @Override
  public OptionalInt knownVersion() {
    return OptionalInt.of(ClusterVersions.KNOWN);
  }

  /** Of those that answer. */
  @Override
  public List<Map<Ulid, BlockFacts>> reports() {
    List<Map<Ulid, BlockFacts>> reports = new ArrayList<>();
    for (Member peer : peers()) {
      Optional<SimulatedNode> other = shard.reachable(this, peer);
      if (other.isPresent() && random.nextInt(4) > 0) {
        reports.add(new HashMap<>(other.get().process.keeper.pendingFacts()));
      }
    }
    return reports;
  }

  @Override
  public CompletableFuture<CommandResult> propose(LogCommand command) {
    if (!shard.propose(command)) {
      return CompletableFuture.failedFuture(new IOException("no answer"));
    }
    applyNext();
    CommandResult result = shard.history().entry(applied()).result().command();
    if (result instanceof CommandResult.Done) {
      shard.count(command.getClass().getSimpleName());
    }
    return CompletableFuture.completedFuture(result);
  }

  @Override
  public String toString() {
    return member.name() + " at " + applied();
  }

  @Override
  public void close() {
    disk.stopAfter(0);
    process.close();
  }
}
