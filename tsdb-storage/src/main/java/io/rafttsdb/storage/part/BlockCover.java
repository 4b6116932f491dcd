package io.rafttsdb.storage.part;

import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Manifest;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.manifest.ManifestPart.Parent;
import io.rafttsdb.storage.model.Ulid;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * The blocks by which a node has all parts of a manifest on its own disk: of each part its block,
 * or where that lacks its stand-in, which is the sealed part in the image, or all parents, each as
 * its block or in the image.
 *
 * @param blocks each once; those of the image are not among them unless they are here too
 * @param uncovered parts that have neither here: without them the state can't be rebuilt
 */
public record BlockCover(List<Ulid> blocks, List<Ulid> uncovered) {

  public BlockCover {
    blocks = List.copyOf(blocks);
    uncovered = List.copyOf(uncovered);
  }

  /**
   * The cover of a manifest.
   *
   * @param inImage parts whose samples are in the image
   * @param sizeBytes of a block's index and segments; empty where the block is not here
   */
  public static BlockCover of(
      Manifest manifest, Set<Ulid> inImage, Function<Ulid, OptionalLong> sizeBytes) {
    Set<Ulid> blocks = new LinkedHashSet<>();
    List<Ulid> uncovered = new ArrayList<>();
    for (ManifestPart part : manifest.parts()) {
      if (isHere(part, sizeBytes)) {
        blocks.add(part.ulid());
      } else if (!inImage.contains(part.ulid())) {
        List<Ulid> parents = part.parents().stream().map(Parent::ulid).toList();
        List<Ulid> here =
            parents.stream().filter(each -> sizeBytes.apply(each).isPresent()).toList();
        boolean areAll =
            parents.stream().allMatch(each -> here.contains(each) || inImage.contains(each));
        if (areAll && !parents.isEmpty()) {
          blocks.addAll(here);
        } else {
          uncovered.add(part.ulid());
        }
      }
    }
    return new BlockCover(List.copyOf(blocks), uncovered);
  }

  /** A block of another size than the majority found is another block. */
  private static boolean isHere(ManifestPart part, Function<Ulid, OptionalLong> sizeBytes) {
    OptionalLong here = sizeBytes.apply(part.ulid());
    BlockFacts facts = part.facts();
    return here.isPresent() && (facts == null || here.getAsLong() == facts.sizeBytes());
  }
}
