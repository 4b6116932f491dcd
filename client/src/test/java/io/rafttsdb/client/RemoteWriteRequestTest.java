package io.rafttsdb.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RemoteWriteRequestTest {

  @Test
  void samplesKeepTheirBitsAndLabelsAreSorted() throws Exception {
    List<Sample> samples =
        List.of(
            Sample.of(1_700_000_000_000L, 1.5),
            new Sample(1_700_000_001_000L, Sample.STALE_BITS),
            new Sample(1_700_000_002_000L, 0x7ff8000000000001L),
            Sample.of(1_700_000_003_000L, -0.0),
            Sample.of(-5, Double.NEGATIVE_INFINITY));
    TimeSeries series =
        new TimeSeries(Map.of("zone", "ä", "__name__", "up", "empty", "", "Job", "node"), samples);

    RemoteWriteRequest request = RemoteWriteRequest.of(List.of(series, series));

    assertThat(request.sampleCount()).isEqualTo(10);
    List<UnknownFieldSet> decoded = messages(decompress(request.body()), 1);
    assertThat(decoded).hasSize(2);
    assertThat(labels(decoded.get(0)))
        .containsExactly("Job=node", "__name__=up", "zone=ä"); // bytewise: upper case first
    assertThat(samples(decoded.get(0))).isEqualTo(samples);
    assertThat(samples(decoded.get(1))).isEqualTo(samples);
  }

  @Test
  void anEmptyRequestIsAnEmptyMessage() {
    assertThat(decompress(RemoteWriteRequest.of(List.of()).body())).isEmpty();
  }

  @Test
  void anEmptyLabelNameIsRefused() {
    assertThatThrownBy(() -> TimeSeries.of(Map.of("", "x"), 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("x");
  }

  private static byte[] decompress(byte[] body) {
    SnappyJavaDecompressor decompressor = new SnappyJavaDecompressor();
    byte[] message = new byte[decompressor.getUncompressedLength(body, 0)];
    int length = decompressor.decompress(body, 0, body.length, message, 0, message.length);
    assertThat(length).isEqualTo(message.length);
    return message;
  }

  private static List<UnknownFieldSet> messages(byte[] message, int field) throws Exception {
    List<UnknownFieldSet> parts = new ArrayList<>();
    for (ByteString part :
        UnknownFieldSet.parseFrom(message).getField(field).getLengthDelimitedList()) {
      parts.add(UnknownFieldSet.parseFrom(part));
    }
    return parts;
  }

  private static List<String> labels(UnknownFieldSet series) throws Exception {
    List<String> labels = new ArrayList<>();
    for (UnknownFieldSet label : messages(series.toByteArray(), 1)) {
      labels.add(
          label.getField(1).getLengthDelimitedList().get(0).toStringUtf8()
              + "="
              + label.getField(2).getLengthDelimitedList().get(0).toStringUtf8());
    }
    return labels;
  }

  private static List<Sample> samples(UnknownFieldSet series) throws Exception {
    List<Sample> samples = new ArrayList<>();
    for (UnknownFieldSet sample : messages(series.toByteArray(), 2)) {
      samples.add(
          new Sample(
              sample.getField(2).getVarintList().get(0),
              sample.getField(1).getFixed64List().get(0)));
    }
    return samples;
  }
}
