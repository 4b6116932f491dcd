package io.rafttsdb.storage.manifest;

import io.rafttsdb.storage.manifest.ManifestChange.Accepted;
import io.rafttsdb.storage.manifest.ManifestChange.Refused;
import io.rafttsdb.storage.manifest.ManifestPart.Origin;
import io.rafttsdb.storage.manifest.ManifestPart.Parent;
import io.rafttsdb.storage.model.Matcher;
import io.rafttsdb.storage.model.Ulid;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What lies below the Head of a shard, as all replicas agree. Immutable: a command gives another
 * one, or a refusal where it does not fit.
 *
 * <p>The parts are in the order in which they came: of two samples with one timestamp that of the
 * earlier part counts. A part goes through these states:
 *
 * <pre>
 *   cut: waiting --built--> built --dropped--> gone
 *                             |
 *                             +--source of an ordered compaction--built--> replaced by the result
 * </pre>
 *
 * @param parts earliest first
 * @param compactions ordered and not yet built, in the order in which they came
 * @param deletes that at least one part or ordered compaction bears, ascending
 * @param lastDelete number of the newest delete ever, 0 before the first
 */
public record Manifest(
    List<ManifestPart> parts,
    List<OrderedCompaction> compactions,
    List<BlockDelete> deletes,
    long lastDelete) {

  public static final Manifest EMPTY = new Manifest(List.of(), List.of(), List.of(), 0);

  /** Parts that may wait for their blocks at the same time, those of out-of-order samples apart. */
  public static final int WAITING_MAX = 2;

  /** Deletes that may be borne at the same time; each costs every query of a part that bears it. */
  public static final int DELETES_MAX = 1000;

  public Manifest {
    parts = List.copyOf(parts);
    compactions = List.copyOf(compactions);
    deletes = List.copyOf(deletes);
  }

  /** The part of a name. */
  public Optional<ManifestPart> part(Ulid ulid) {
    return parts.stream().filter(part -> part.ulid().equals(ulid)).findFirst();
  }

  /** The ordered compaction with a result of this name. */
  public Optional<OrderedCompaction> compaction(Ulid result) {
    return compactions.stream().filter(each -> each.result().equals(result)).findFirst();
  }

  /** Parts of in-order samples that wait for their blocks. */
  public int waitingCount() {
    return (int)
        parts.stream().filter(part -> !part.isBuilt() && part.origin() == Origin.HEAD).count();
  }

  /** The deletes that have an effect on a part, ascending. */
  public List<BlockDelete> deletesOf(ManifestPart part) {
    return deletes.stream().filter(delete -> delete.concerns(part)).toList();
  }

  /** A sealed part comes off the Head. */
  public ManifestChange cut(Ulid ulid, Origin origin, long minMs, long endMs) {
    if (isTaken(ulid)) {
      return new Refused("the name " + ulid + " is taken");
    }
    if (origin == Origin.HEAD && waitingCount() >= WAITING_MAX) {
      return new Refused(WAITING_MAX + " sealed parts wait for their blocks");
    }
    List<ManifestPart> more = new ArrayList<>(parts);
    more.add(
        new ManifestPart(
            ulid, origin, minMs, endMs, 1, List.of(ulid), lastDelete, List.of(), null));
    return accepted(more, compactions, deletes, lastDelete);
  }

  /** Whether something has this name, or what is there was made of it. */
  public boolean isTaken(Ulid ulid) {
    return part(ulid).isPresent()
        || compaction(ulid).isPresent()
        || parts.stream().anyMatch(part -> part.sources().contains(ulid));
  }

  /** A compaction is ordered; see {@link OrderedCompaction} for the sources' order. */
  public ManifestChange compact(Ulid result, List<Ulid> sources) {
    if (isTaken(result)) {
      return new Refused("the name " + result + " is taken");
    }
    int next = 0;
    for (ManifestPart part : parts) {
      if (next < sources.size() && part.ulid().equals(sources.get(next))) {
        if (!part.isBuilt()) {
          return new Refused("source " + part.ulid() + " has no block yet");
        }
        next++;
      }
    }
    if (sources.isEmpty() || next < sources.size()) {
      return new Refused("expected sources in the manifest's order, got " + sources);
    }
    for (OrderedCompaction other : compactions) {
      for (Ulid source : sources) {
        if (other.sources().contains(source)) {
          return new Refused("source " + source + " is one of compaction " + other.result());
        }
      }
    }
    Optional<ManifestPart> between = overlapBetween(sources);
    if (between.isPresent()) {
      return new Refused(
          "part " + between.get().ulid() + " overlaps the sources and came between them");
    }
    List<OrderedCompaction> more = new ArrayList<>(compactions);
    more.add(new OrderedCompaction(result, sources, lastDelete));
    return accepted(parts, more, deletes, lastDelete);
  }

  /** A part that came after the first source, is none, and would lose to or win over the result. */
  private Optional<ManifestPart> overlapBetween(List<Ulid> sources) {
    List<ManifestPart> members =
        parts.stream().filter(part -> sources.contains(part.ulid())).toList();
    int first = parts.indexOf(members.getFirst());
    int last = parts.indexOf(members.getLast());
    return parts.subList(first, last).stream()
        .filter(part -> !members.contains(part))
        .filter(part -> members.stream().anyMatch(m -> m.overlaps(part.minMs(), part.endMs())))
        .findFirst();
  }

  /** A majority has the block of a waiting part, or of an ordered compaction's result. */
  public ManifestChange built(Ulid ulid, BlockFacts facts) {
    Optional<ManifestPart> part = part(ulid);
    if (part.isPresent()) {
      return part.get().isBuilt()
          ? new Refused("part " + ulid + " has its block already")
          : replaced(List.of(ulid), part.get().withFacts(facts), compactions);
    }
    Optional<OrderedCompaction> ordered = compaction(ulid);
    if (ordered.isEmpty()) {
      return new Refused("nothing of the name " + ulid + " was ordered");
    }
    OrderedCompaction done = ordered.get();
    List<OrderedCompaction> others =
        compactions.stream().filter(each -> !each.equals(done)).toList();
    return replaced(done.sources(), resultOf(done, facts), others);
  }

  private ManifestPart resultOf(OrderedCompaction done, BlockFacts facts) {
    List<ManifestPart> members =
        parts.stream().filter(part -> done.sources().contains(part.ulid())).toList();
    TreeSet<Ulid> sources = new TreeSet<>();
    members.forEach(part -> sources.addAll(part.sources()));
    return new ManifestPart(
        done.result(),
        Origin.COMPACTION,
        members.stream().mapToLong(ManifestPart::minMs).min().orElseThrow(),
        members.stream().mapToLong(ManifestPart::endMs).max().orElseThrow(),
        members.stream().mapToInt(ManifestPart::level).max().orElseThrow() + 1,
        List.copyOf(sources),
        done.bakedDelete(),
        members.stream().map(part -> new Parent(part.ulid(), carriedOut(part, done))).toList(),
        facts);
  }

  /** The deletes of a source that a compaction carries out. */
  public List<BlockDelete> carriedOut(ManifestPart source, OrderedCompaction ordered) {
    return deletesOf(source).stream()
        .filter(delete -> delete.number() <= ordered.bakedDelete())
        .toList();
  }

  /** The result takes the place of the first source; nothing does where it is empty. */
  private ManifestChange replaced(
      List<Ulid> sources, ManifestPart result, List<OrderedCompaction> others) {
    List<ManifestPart> changed = new ArrayList<>();
    boolean placed = false;
    for (ManifestPart part : parts) {
      if (!sources.contains(part.ulid())) {
        changed.add(part);
      } else if (!placed) {
        placed = true;
        BlockFacts facts = result.facts();
        if (facts != null && !facts.isEmpty()) {
          changed.add(result);
        }
      }
    }
    return accepted(changed, others, deletes, lastDelete);
  }

  /**
   * A block of another storage comes as the last one, so that where samples have equal times those
   * that were here count. The same again changes nothing, also after it was merged into another.
   */
  public ManifestChange enter(Ulid ulid, long minMs, long endMs, BlockFacts facts) {
    Optional<ManifestPart> known = part(ulid);
    if (known.isPresent()) {
      ManifestPart part = known.get();
      return facts.equals(part.facts()) && part.minMs() == minMs && part.endMs() == endMs
          ? new Accepted(this)
          : new Refused("another block of the name " + ulid + " is there");
    }
    if (parts.stream().anyMatch(part -> part.sources().contains(ulid))) {
      return new Accepted(this);
    }
    if (compaction(ulid).isPresent()) {
      return new Refused("the name " + ulid + " is taken");
    }
    if (facts.isEmpty() || minMs >= endMs) {
      return new Refused(
          "expected samples and a time range, got "
              + facts.samples()
              + " samples in ["
              + minMs
              + ", "
              + endMs
              + ")");
    }
    List<ManifestPart> more = new ArrayList<>(parts);
    more.add(
        new ManifestPart(
            ulid, Origin.IMPORT, minMs, endMs, 1, List.of(ulid), lastDelete, List.of(), facts));
    return accepted(more, compactions, deletes, lastDelete);
  }

  /** Parts with blocks go for good; a compaction that one of them is a source of is called off. */
  public ManifestChange drop(List<Ulid> ulids) {
    for (Ulid ulid : ulids) {
      if (part(ulid).filter(ManifestPart::isBuilt).isEmpty()) {
        return new Refused("no block " + ulid + " to drop");
      }
    }
    List<ManifestPart> kept = parts.stream().filter(part -> !ulids.contains(part.ulid())).toList();
    List<OrderedCompaction> possible =
        compactions.stream()
            .filter(each -> each.sources().stream().noneMatch(ulids::contains))
            .toList();
    return accepted(kept, possible, deletes, lastDelete);
  }

  /** Samples are deleted; the Head's are none of the manifest's concern. */
  public ManifestChange delete(List<Matcher> matchers, long minMs, long maxMs) {
    if (deletes.size() >= DELETES_MAX) {
      return new Refused(
          DELETES_MAX + " deletes wait to be carried out by compactions; try again later");
    }
    List<BlockDelete> more = new ArrayList<>(deletes);
    more.add(new BlockDelete(lastDelete + 1, matchers, minMs, maxMs));
    return accepted(parts, compactions, more, lastDelete + 1);
  }

  private static ManifestChange accepted(
      List<ManifestPart> parts,
      List<OrderedCompaction> compactions,
      List<BlockDelete> deletes,
      long lastDelete) {
    List<BlockDelete> borne =
        deletes.stream().filter(delete -> parts.stream().anyMatch(delete::concerns)).toList();
    return new Accepted(new Manifest(parts, compactions, borne, lastDelete));
  }
}
