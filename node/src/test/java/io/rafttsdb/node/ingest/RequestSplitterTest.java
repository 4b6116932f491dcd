package io.rafttsdb.node.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import io.rafttsdb.node.ingest.RequestSplitter.Part;
import io.rafttsdb.replica.ShardRouting;
import io.rafttsdb.storage.model.Labels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RequestSplitterTest {
  private static final int SHARDS = 4;
  private static final byte[] UP = series("__name__", "up");
  private static final byte[] UP_OF_NODE =
      series("job", "node", "__name__", "up", "instance", "a:9090");
  private static final byte[] TWICE = series("job", "node", "job", "other");
  private final RequestSplitter splitter = new RequestSplitter();

  private static byte[] series(String... labels) {
    return new RawRequest()
        .raw(RawRequest.labels(labels))
        .field(RawRequest.SAMPLE, RawRequest.sample(1, 2))
        .bytes();
  }

  private List<Part> split(byte[] message) throws BadRequest {
    return splitter.split(message, message.length, SHARDS);
  }

  @Test
  void eachSeriesGoesAsItIsToTheShardOfItsSortedLabels() throws BadRequest {
    List<Part> parts =
        split(
            new RawRequest()
                .field(RawRequest.SERIES, UP)
                .field(RawRequest.SERIES, UP_OF_NODE)
                .field(RawRequest.SERIES, UP)
                .bytes());
    assertThat(parts).extracting(Part::shard).containsExactly(0, 3);
    assertThat(parts.getFirst().message())
        .isEqualTo(new RawRequest().field(RawRequest.SERIES, UP_OF_NODE).bytes());
    assertThat(parts.getLast().message())
        .isEqualTo(
            new RawRequest().field(RawRequest.SERIES, UP).field(RawRequest.SERIES, UP).bytes());
  }

  @Test
  void whatIsNoSeriesGoesHomeAndSoDoesOneWithoutALabelSet() throws BadRequest {
    byte[] message =
        new RawRequest().field(RawRequest.SERIES, TWICE).field(3, new byte[] {1, 2}).bytes();
    List<Part> parts = split(message);
    assertThat(parts).hasSize(1);
    assertThat(parts.getFirst().shard()).isZero();
    assertThat(parts.getFirst().message()).isEqualTo(message);
  }

  @Test
  void anotherNodeReadsAPartAsItWasMade() throws BadRequest {
    Part part = split(new RawRequest().field(RawRequest.SERIES, UP).bytes()).getFirst();
    byte[] body = part.compressed();
    SnappyJavaDecompressor snappy = new SnappyJavaDecompressor();
    byte[] message = new byte[snappy.getUncompressedLength(body, 0)];
    assertThat(snappy.decompress(body, 0, body.length, message, 0, message.length))
        .isEqualTo(message.length);
    assertThat(message).isEqualTo(part.message());
  }

  /** In whatever order labels come, with whatever lengths, and with empty ones between them. */
  @Test
  void rawLabelsGoWhereTheLabelSetGoes() throws BadRequest {
    Random random = new Random(1);
    int straight = 0;
    for (int i = 0; i < 2000; i++) {
      List<String> names = new ArrayList<>(List.of("__name__"));
      for (int k = random.nextInt(5); k > 0; k--) {
        names.add("l" + k + "é".repeat(random.nextInt(3)));
      }
      if (random.nextBoolean()) {
        Collections.sort(names);
      } else {
        Collections.shuffle(names, random);
      }
      Labels.Builder set = new Labels.Builder();
      List<String> sent = new ArrayList<>();
      for (String name : names) {
        int length = name.equals("__name__") ? 1 : random.nextInt(3) * random.nextInt(200);
        String value = "v".repeat(length) + (length > 0 ? i : "");
        sent.addAll(List.of(name, value));
        if (!value.isEmpty()) {
          set.set(name, value);
        }
      }
      byte[] series = series(sent.toArray(String[]::new));
      List<Part> parts = split(new RawRequest().field(RawRequest.SERIES, series).bytes());
      assertThat(parts.getFirst().shard())
          .as("%s", sent)
          .isEqualTo(ShardRouting.shardOf(set.build(), SHARDS));
      byte[] labels = RawRequest.labels(sent.toArray(String[]::new));
      straight += RawLabels.shardOf(labels, 0, labels.length, SHARDS) >= 0 ? 1 : 0;
    }
    assertThat(straight).isBetween(300, 1700);
  }

  @Test
  void aRequestThatIsNoneIsRefusedAsAWhole() {
    byte[] labelAfterSample =
        new RawRequest().raw(UP).raw(RawRequest.labels("late", "label")).bytes();
    assertThatThrownBy(() ->
            split(
                new RawRequest()
                    .field(RawRequest.SERIES, UP)
                    .field(RawRequest.SERIES, labelAfterSample)
                    .bytes()))
        .isInstanceOf(BadRequest.class)
        .hasMessageContaining("found one after them");
    byte[] cut = new RawRequest().field(RawRequest.SERIES, UP).bytes();
    assertThatThrownBy(() -> split(Arrays.copyOf(cut, cut.length - 1)))
        .isInstanceOf(BadRequest.class);
  }
}
