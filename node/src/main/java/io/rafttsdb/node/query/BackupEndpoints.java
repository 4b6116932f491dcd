package io.rafttsdb.node.query;

import io.rafttsdb.node.backup.BackupDescription;
import io.rafttsdb.node.backup.Backups;
import io.rafttsdb.node.backup.Backups.Extent;
import io.rafttsdb.node.backup.Imports;
import io.rafttsdb.node.backup.NotDone;
import io.rafttsdb.node.cluster.Bootstrap;
import io.rafttsdb.node.cluster.Identity;
import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.node.disk.DiskGauge;
import io.rafttsdb.node.disk.DiskState;
import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.replica.ShardReplica;
import io.rafttsdb.replica.backup.BackupBlock;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * {@code /api/v1/admin/tsdb/snapshot}, which makes a backup on this node, and {@code import} and
 * {@code restore}, which bring blocks in from a directory of it. Closed unless the node was started
 * with them.
 */
public final class BackupEndpoints {

  private static final String SNAPSHOT = "/api/v1/admin/tsdb/snapshot";
  private static final String IMPORT = "/api/v1/admin/tsdb/import";
  private static final String RESTORE = "/api/v1/admin/tsdb/restore";

  private final Bootstrap bootstrap;
  private final Backups backups;
  private final Imports imports;
  private final DiskGauge disk;
  private final AdminGate gate;

  /**
   * Endpoints of a node.
   *
   * @param isOpen whether they do anything
   */
  public BackupEndpoints(
      Bootstrap bootstrap,
      ReplicaSlot slot,
      Backups backups,
      Imports imports,
      DiskGauge disk,
      boolean isOpen) {
    this.bootstrap = bootstrap;
    this.backups = backups;
    this.imports = imports;
    this.disk = disk;
    this.gate = new AdminGate(slot, isOpen);
  }

  public void register(Router.Builder router) {
    for (String method : List.of("POST", "PUT")) {
      router
          .add(method, SNAPSHOT, ApiFunction.handler(this::snapshot))
          .add(method, IMPORT, ApiFunction.handler(this::importBlocks))
          .add(method, RESTORE, ApiFunction.handler(this::restore));
    }
  }

  private HttpReply snapshot(HttpRequest request) throws ApiError, InterruptedException {
    List<ShardReplica> shards = pass();
    if (!(bootstrap.identity() instanceof Identity.Joined joined)) {
      throw new ApiError(ApiError.Type.UNAVAILABLE, "this node belongs to no cluster");
    }
    Extent extent = extent(request);
    String name;
    try {
      name = backups.take(joined.clusterId().toString(), shards, extent);
    } catch (NotDone e) {
      throw error(e);
    } catch (IOException e) {
      throw new ApiError(ApiError.Type.INTERNAL, "the backup could not be written: " + e);
    }
    return ApiReply.success(
        json -> {
          json.raw("{\"name\":");
          json.string(name);
          json.raw("}");
        },
        ApiReply.Remarks.NONE);
  }

  /** Prometheus takes what Go's ParseBool takes. */
  private static Extent extent(HttpRequest request) throws ApiError {
    String text = new ReadParameters(request).text("skip_head");
    return switch (text) {
      case "", "0", "f", "F", "false", "False", "FALSE" -> Extent.ALL;
      case "1", "t", "T", "true", "True", "TRUE" -> Extent.WITHOUT_HEAD;
      default -> throw ApiError.badParameter("skip_head", "expected true or false, got " + text);
    };
  }

  private HttpReply importBlocks(HttpRequest request) throws ApiError, InterruptedException {
    List<ShardReplica> shards = pass();
    Path directory = directory(request);
    List<Imports.Done> blocks;
    try {
      blocks = imports.run(shards, directory);
    } catch (NotDone e) {
      throw error(e);
    }
    return ApiReply.success(
        json -> {
          json.raw("{\"blocks\":[");
          for (int i = 0; i < blocks.size(); i++) {
            json.raw(i == 0 ? "{\"ulid\":" : ",{\"ulid\":");
            json.string(blocks.get(i).ulid().toString());
            json.raw(",\"result\":");
            json.string(blocks.get(i).result().name().toLowerCase(Locale.ROOT));
            json.raw("}");
          }
          json.raw("]}");
        },
        ApiReply.Remarks.NONE);
  }

  private HttpReply restore(HttpRequest request) throws ApiError, InterruptedException {
    List<ShardReplica> shards = pass();
    Path directory = directory(request);
    BackupDescription backup;
    try {
      backup = imports.restore(shards, directory);
    } catch (NotDone e) {
      throw error(e);
    } catch (IOException e) {
      throw ApiError.badParameter("dir", "it can't be read on this node: " + e);
    }
    List<BackupBlock> blocks = backup.blocks();
    return ApiReply.success(
        json -> {
          json.raw("{\"name\":");
          json.string(backup.name());
          json.raw(",\"upToMs\":" + backup.upToMs());
          json.raw(",\"blocks\":");
          json.strings(blocks.stream().map(block -> block.ulid().toString()).toList());
          json.raw("}");
        },
        ApiReply.Remarks.NONE);
  }

  private List<ShardReplica> pass() throws ApiError {
    List<ShardReplica> shards = gate.pass();
    for (ShardReplica shard : shards) {
      if (shard.isDiverged()) {
        throw new ApiError(ApiError.Type.UNAVAILABLE, shard.status().reason());
      }
    }
    if (disk.state().level() != DiskState.Level.ROOM) {
      throw new ApiError(
          ApiError.Type.UNAVAILABLE, "the disk of this node has less than its reserve left");
    }
    return shards;
  }

  private static Path directory(HttpRequest request) throws ApiError {
    String text = new ReadParameters(request).text("dir");
    try {
      Path directory = Path.of(text).normalize();
      if (!text.isEmpty() && directory.isAbsolute()) {
        return directory;
      }
    } catch (InvalidPathException e) {
      throw ApiError.badParameter("dir", e.getMessage());
    }
    throw ApiError.badParameter("dir", "expected an absolute directory of this node, got " + text);
  }

  private static ApiError error(NotDone e) {
    return new ApiError(
        switch (e.kind()) {
          case NOT_NOW -> ApiError.Type.UNAVAILABLE;
          case REFUSED -> ApiError.Type.EXECUTION;
        },
        e.getMessage());
  }
}
