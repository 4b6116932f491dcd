package io.rafttsdb.node.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.node.http.HttpLimits;
import io.rafttsdb.node.http.HttpListener;
import io.rafttsdb.node.http.HttpServer;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.ServedFiles;
import io.rafttsdb.replica.disk.SnapshotBlock;
import io.rafttsdb.replica.disk.SnapshotDirectory;
import io.rafttsdb.replica.disk.SnapshotFile;
import io.rafttsdb.replica.disk.SnapshotManifest;
import io.rafttsdb.storage.block.BlockDirectory;
import io.rafttsdb.storage.file.LocalDisk;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.BlockFile;
import io.rafttsdb.storage.model.Ulid;
import io.rafttsdb.storage.part.PartStore;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots and blocks over real HTTP on loopback. */
final class HttpSnapshotSourceTest {

  private static final Ulid ULID = new Ulid(5, 6);
  private static final byte[] IMAGE = bytes(300_000);
  private static final byte[] CHUNKS = bytes(70_001);
  private static final byte[] INDEX = bytes(10);

  @TempDir Path root;
  private final HttpSnapshotSource source = new HttpSnapshotSource(1);
  private final HttpClient client = HttpClient.newHttpClient();
  private SnapshotManifest manifest;
  private PartStore store;
  private HttpServer server;
  private Member peer;
  private volatile Optional<ServedFiles> files = Optional.empty();

  /** Of the second shard, which the source asks for. */
  private Optional<ServedFiles> ofShard(io.rafttsdb.node.http.HttpRequest request) {
    String shard = request.parameter("shard");
    return shard == null || shard.equals("1") ? files : Optional.empty();
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @BeforeEach
  void start() throws Exception {
    SnapshotDirectory snapshots =
        SnapshotDirectory.open(root.resolve("snapshots"), new UUID(1, 2), new LocalDisk());
    Path temporary = snapshots.temporary("3_40");
    Path block = Files.createDirectories(temporary.resolve("blocks").resolve(ULID.toString()));
    Files.createDirectories(block.resolve("chunks"));
    Files.write(temporary.resolve("head"), IMAGE);
    Files.write(block.resolve("meta.json"), "{}".getBytes(UTF_8));
    Files.write(block.resolve("index"), INDEX);
    Files.write(block.resolve("chunks/000001"), CHUNKS);
    manifest =
        new SnapshotManifest(
            new UUID(1, 2),
            3,
            40,
            "00ff",
            List.of(SnapshotFile.of(temporary, "head")),
            List.of(
                new SnapshotBlock(
                    ULID,
                    Digest.of(new byte[Digest.BYTES]),
                    List.of(
                        new BlockFile("meta.json", 2),
                        new BlockFile("index", INDEX.length),
                        new BlockFile("chunks/000001", CHUNKS.length)))),
            List.of("node1-a 127.0.0.1:1 127.0.0.1:2"));
    snapshots.publish(temporary, manifest);
    Files.createDirectory(root.resolve("blocks"));
    store =
        PartStore.open(
            new BlockDirectory(root.resolve("blocks"), new LocalDisk()),
            Runnable::run,
            refused -> {});
    files = Optional.of(new ServedFiles(snapshots, store, System::nanoTime));
    Router.Builder router = Router.builder();
    new SnapshotEndpoint(this::ofShard).register(router);
    new BlockEndpoint(this::ofShard).register(router);
    server =
        HttpServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            router.build(),
            HttpLimits.DEFAULT,
            HttpListener.NONE);
    peer = new Member("node1", "a", "127.0.0.1:1", "127.0.0.1:" + server.address().getPort());
  }

  @AfterEach
  void stop() {
    client.close();
    server.close(Duration.ofSeconds(1));
    store.close();
  }

  @Test
  void manifestAndFilesArriveWholeAndFromAnyOffset() throws Exception {
    assertThat(SnapshotManifest.decode(source.snapshotManifest(peer))).isEqualTo(manifest);
    assertThat(SnapshotManifest.decode(source.pinSnapshot(peer))).isEqualTo(manifest);
    for (int offset : new int[] {0, 1, 65_536, IMAGE.length - 1}) {
      try (InputStream in = source.openSnapshotFile(peer, "3_40", "head", offset)) {
        assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(IMAGE, offset, IMAGE.length));
      }
    }
    assertThat(source.blockFiles(peer, ULID)).isEqualTo(manifest.blocks().getFirst().files());
    try (InputStream in = source.openBlockFile(peer, ULID, "chunks/000001", 70_000)) {
      assertThat(in.readAllBytes()).containsExactly(CHUNKS[70_000]);
    }
  }

  @Test
  void whatIsNotThereIsAnError() {
    assertThatThrownBy(() -> source.openSnapshotFile(peer, "3_41", "head", 0))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("404");
    assertThatThrownBy(() -> source.openSnapshotFile(peer, "3_40", "head", IMAGE.length))
        .hasMessageContaining("416");
    assertThatThrownBy(() -> source.blockFiles(peer, new Ulid(5, 7))).hasMessageContaining("404");
    files = Optional.empty();
    assertThatThrownBy(() -> source.snapshotManifest(peer)).hasMessageContaining("503");
    assertThatThrownBy(() -> source.blockFiles(peer, ULID)).hasMessageContaining("404");
    assertThatThrownBy(() -> source.openSnapshotFile(peer, "3_40", "head", 0))
        .hasMessageContaining("404");
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + peer.httpAddress() + path));
    return client.send(
        (headers.length == 0 ? request : request.headers(headers)).build(),
        BodyHandlers.ofString());
  }

  @Test
  void noNameLeadsOutOfTheLists() throws Exception {
    Files.writeString(root.resolve("secret"), "secret");
    String file = "/api/v1/cluster/snapshot/file?snapshot=";
    for (String bad :
        List.of(
            "3_40&path=../../secret",
            "3_40&path=..%2F..%2Fsecret",
            "3_40&path=" + root.resolve("secret"),
            "..&path=secret",
            "..%2F..&path=secret",
            "3_40&path=manifest",
            "3_40&path=head%00",
            "3_40&path=")) {
      assertThat(get(file + bad).statusCode()).as(bad).isEqualTo(404);
    }
    assertThat(get(file + "3_40").statusCode()).isEqualTo(400);
    String block = "/api/v1/cluster/block/";
    assertThat(get(block + "..%2F..%2Fsecret").statusCode()).isEqualTo(400);
    assertThat(get(block + ULID + "/file").statusCode()).isEqualTo(400);
    assertThat(get(block + ULID + "/file?name=../../../secret").statusCode()).isEqualTo(404);
    assertThat(get(block + ULID + "/file?name=tombstones").statusCode()).isEqualTo(404);
  }

  @Test
  void rangesOfOtherFormsGiveTheWholeFile() throws Exception {
    String path = "/api/v1/cluster/block/" + ULID + "/file?name=meta.json";
    for (String range : List.of("bytes=0-1", "bytes=-1", "lines=1-", "bytes=1-,3-")) {
      HttpResponse<String> answer = get(path, "Range", range);
      assertThat(answer.statusCode()).as(range).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("{}");
    }
    HttpResponse<String> part = get(path, "Range", "bytes=1-");
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.headers().firstValue("Content-Range")).contains("bytes 1-1/2");
    assertThat(part.body()).isEqualTo("}");
  }

  @Test
  void aListOfAnotherFormIsRefused() throws Exception {
    List<BlockFile> listed = List.of(new BlockFile("index", 7), new BlockFile("meta.json", 0));
    assertThat(BlockListText.decode(BlockListText.encode(listed))).isEqualTo(listed);
    for (String bad :
        List.of(
            "7", "x index", "7  index", "7 ../index", "-7 index", "7 chunks/1", "7 index more")) {
      assertThatThrownBy(() -> BlockListText.decode(bad)).isInstanceOf(IOException.class);
    }
  }
}
