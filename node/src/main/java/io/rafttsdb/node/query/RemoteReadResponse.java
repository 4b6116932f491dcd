package io.rafttsdb.node.query;

import com.google.protobuf.CodedOutputStream;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import io.rafttsdb.storage.model.SeriesView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Encodes message {@code prometheus.ReadResponse} of floats and native histograms. Bounded: a
 * snappy block can only be made of a whole message. For one thread.
 */
final class RemoteReadResponse {

  /** Bytes of a message before it is compressed. */
  static final int MESSAGE_BYTES_MAX = 128 << 20;

  private static final int RESPONSE_RESULT = 1;
  private static final int RESULT_SERIES = 1;
  private static final int SERIES_LABEL = 1;
  private static final int SERIES_SAMPLE = 2;
  private static final int SERIES_HISTOGRAM = 4;
  private static final int LABEL_NAME = 1;
  private static final int LABEL_VALUE = 2;
  private static final int SAMPLE_VALUE = 1;
  private static final int SAMPLE_TIMESTAMP = 2;
  private static final int LENGTH_DELIMITED = 2;

  private final ByteArrayOutputStream message = new ByteArrayOutputStream();

  /**
   * Adds the result of one query.
   *
   * @throws ApiError where the message would become too long
   */
  void result(List<SeriesView> series) throws ApiError {
    ByteArrayOutputStream result = new ByteArrayOutputStream();
    for (SeriesView each : series) {
      byte[] encoded = series(each);
      if (encoded.length > 0) {
        field(result, RESULT_SERIES, encoded);
      }
      checkSize(result.size());
    }
    field(message, RESPONSE_RESULT, result.toByteArray());
  }

  byte[] toMessage() {
    return message.toByteArray();
  }

  private void checkSize(int more) throws ApiError {
    if (message.size() + (long) more > MESSAGE_BYTES_MAX) {
      throw new ApiError(
          ApiError.Type.BAD_DATA,
          "the answer has more than "
              + MESSAGE_BYTES_MAX
              + " bytes of samples: ask for fewer series or a shorter time");
    }
  }

  /** One series, or no bytes where it has no sample in the range. */
  private byte[] series(SeriesView view) throws ApiError {
    SampleCursor samples = view.samples();
    if (!samples.next()) {
      return new byte[0];
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      view.labels().forEach((name, value) -> label(out, name, value));
      do {
        if (samples.kind() == SampleKind.FLOAT) {
          sample(out, samples.timestampMs(), samples.valueBits());
        } else {
          byte[] histogram = HistogramMessage.of(samples.timestampMs(), samples.histogram());
          out.writeByteArray(SERIES_HISTOGRAM, histogram);
        }
        checkSize(out.getTotalBytesWritten());
      } while (samples.next());
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  private static void label(CodedOutputStream out, String name, String value) {
    try {
      out.writeTag(SERIES_LABEL, LENGTH_DELIMITED);
      out.writeUInt32NoTag(
          CodedOutputStream.computeStringSize(LABEL_NAME, name)
              + CodedOutputStream.computeStringSize(LABEL_VALUE, value));
      out.writeString(LABEL_NAME, name);
      out.writeString(LABEL_VALUE, value);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
  }

  /** Fields with their default value are written too: a zero of either sign keeps its bits. */
  private static void sample(CodedOutputStream out, long timestampMs, long valueBits)
      throws IOException {
    out.writeTag(SERIES_SAMPLE, LENGTH_DELIMITED);
    out.writeUInt32NoTag(
        CodedOutputStream.computeFixed64Size(SAMPLE_VALUE, valueBits)
            + CodedOutputStream.computeInt64Size(SAMPLE_TIMESTAMP, timestampMs));
    out.writeFixed64(SAMPLE_VALUE, valueBits);
    out.writeInt64(SAMPLE_TIMESTAMP, timestampMs);
  }

  private static void field(ByteArrayOutputStream to, int number, byte[] content) {
    CodedOutputStream out = CodedOutputStream.newInstance(to);
    try {
      out.writeByteArray(number, content);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
  }
}
