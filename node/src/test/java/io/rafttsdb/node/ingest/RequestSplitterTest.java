package io.rafttsdb.node.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestSplitterTest {
  private static final byte[] UP = series("__name__", "up");
  private static final byte[] UP_OF_NODE =
      series("job", "node", "__name__", "up", "instance", "a:9090");
  private static final byte[] NO_NAME = series("job", "node");
  private static final RequestSplitter SPLITTER = new RequestSplitter(4);

  private static byte[] series(String... labels) {
    return new RawRequest()
        .raw(RawRequest.labels(labels))
        .field(RawRequest.SAMPLE, RawRequest.sample(1, 2))
        .bytes();
  }

  @Test
  void eachSeriesGoesAsItIsToTheShardOfItsSortedLabels() throws BadRequest {
    byte[] body =
        new RawRequest()
            .field(RawRequest.SERIES, UP)
            .field(RawRequest.SERIES, UP_OF_NODE)
            .field(RawRequest.SERIES, UP)
            .body();
    List<Optional<byte[]>> parts = SPLITTER.split(body);
    assertThat(parts).hasSize(4);
    assertThat(message(parts.get(0)))
        .isEqualTo(new RawRequest().field(RawRequest.SERIES, UP_OF_NODE).bytes());
    assertThat(parts.get(1)).isEmpty();
    assertThat(parts.get(2)).isEmpty();
    assertThat(message(parts.get(3)))
        .isEqualTo(
            new RawRequest().field(RawRequest.SERIES, UP).field(RawRequest.SERIES, UP).bytes());
  }

  @Test
  void whatNoShardCanStoreAndWhatIsNoSeriesGoesHome() throws BadRequest {
    byte[] message =
        new RawRequest().field(RawRequest.SERIES, NO_NAME).field(3, new byte[] {1, 2}).bytes();
    List<Optional<byte[]>> parts = SPLITTER.split(RawRequest.compress(message));
    assertThat(message(parts.getFirst())).isEqualTo(message);
    assertThat(parts.subList(1, 4)).allSatisfy(part -> assertThat(part).isEmpty());
  }

  @Test
  void aRequestThatIsNoneIsRefusedAsAWhole() {
    assertThatThrownBy(() -> SPLITTER.split(new byte[] {9, 9, 9})).isInstanceOf(BadRequest.class);
    byte[] labelAfterSample =
        new RawRequest().raw(UP).raw(RawRequest.labels("late", "label")).bytes();
    assertThatThrownBy(() ->
            SPLITTER.split(
                new RawRequest()
                    .field(RawRequest.SERIES, UP)
                    .field(RawRequest.SERIES, labelAfterSample)
                    .body()))
        .isInstanceOf(BadRequest.class)
        .hasMessageContaining("found one after them");
    byte[] cut = new RawRequest().field(RawRequest.SERIES, UP).bytes();
    assertThatThrownBy(
            () -> SPLITTER.split(RawRequest.compress(Arrays.copyOf(cut, cut.length - 1))))
        .isInstanceOf(BadRequest.class);
  }

  private static byte[] message(Optional<byte[]> part) {
    byte[] body = part.orElseThrow();
    SnappyJavaDecompressor snappy = new SnappyJavaDecompressor();
    byte[] message = new byte[snappy.getUncompressedLength(body, 0)];
    assertThat(snappy.decompress(body, 0, body.length, message, 0, message.length))
        .isEqualTo(message.length);
    return message;
  }
}
