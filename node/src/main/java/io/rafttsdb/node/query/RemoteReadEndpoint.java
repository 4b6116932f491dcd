package io.rafttsdb.node.query;

import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.snappy.SnappyJavaCompressor;
import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import io.rafttsdb.node.http.HttpReply;
import io.rafttsdb.node.http.HttpRequest;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.storage.model.CaptureOverrun;
import io.rafttsdb.storage.model.EngineClosed;
import io.rafttsdb.storage.model.LimitExceeded;
import io.rafttsdb.storage.model.MissingBlock;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.UnreadableChunks;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * {@code POST /api/v1/read}: remote read with plain samples, stale markers included, bit for bit.
 * Errors are plain text, as Prometheus's are.
 */
final class RemoteReadEndpoint {

  /** Bytes of a request, decoded. */
  private static final int REQUEST_BYTES_MAX = 1 << 20;

  private final ReadGate gate;
  private final QuerySlots slots;
  private final Duration timeout;

  RemoteReadEndpoint(ReadGate gate, QuerySlots slots, Duration timeout) {
    this.gate = gate;
    this.slots = slots;
    this.timeout = timeout;
  }

  void register(Router.Builder router) {
    router.post("/api/v1/read", this::read);
  }

  private HttpReply read(HttpRequest request) throws InterruptedException {
    ApiFunction answer = this::answer;
    try {
      return answer.answerByPresentEngine(request);
    } catch (ApiError e) {
      HttpReply reply = HttpReply.text(e.type().status(), String.valueOf(e.getMessage()));
      return e.type() == ApiError.Type.UNAVAILABLE ? reply.withHeader("Retry-After", "1") : reply;
    } catch (LimitExceeded e) {
      return HttpReply.text(400, String.valueOf(e.getMessage()));
    } catch (CaptureOverrun | MissingBlock | UnreadableChunks | EngineClosed e) {
      return HttpReply.text(503, String.valueOf(e.getMessage())).withHeader("Retry-After", "1");
    }
  }

  private HttpReply answer(HttpRequest request) throws ApiError, InterruptedException {
    ReadDemand demand = new ReadParameters(request).demand();
    List<Selection> selections = selections(request.body());
    OpenedRead opened = gate.open(demand, timeout);
    try (QuerySlots.Turn _ = slots.take(timeout);
        Captures capture = opened.storage().select(selections, CapturedSeries.SERIES_MAX)) {
      RemoteReadResponse response = new RemoteReadResponse();
      for (List<SeriesView> series : capture.series()) {
        response.result(series);
      }
      byte[] body = compress(response.toMessage());
      return opened.mark(
          new HttpReply(
              200,
              "application/x-protobuf",
              Map.of("Content-Encoding", "snappy"),
              new HttpReply.Bytes(body)),
          capture.indexes());
    }
  }

  private static List<Selection> selections(byte[] body) throws ApiError {
    try {
      SnappyJavaDecompressor snappy = new SnappyJavaDecompressor();
      int length = snappy.getUncompressedLength(body, 0);
      if (length > REQUEST_BYTES_MAX) {
        throw badRequest(
            "a read request of " + length + " bytes, expected at most " + REQUEST_BYTES_MAX);
      }
      byte[] message = new byte[length];
      int _ = snappy.decompress(body, 0, body.length, message, 0, length);
      return RemoteReadRequest.selections(message);
    } catch (MalformedInputException | IndexOutOfBoundsException e) {
      throw badRequest("expected a snappy block, got " + body.length + " bytes that are none");
    } catch (IOException | IllegalArgumentException e) {
      throw badRequest("expected a prometheus.ReadRequest: " + e.getMessage());
    }
  }

  private static ApiError badRequest(String message) {
    return new ApiError(ApiError.Type.BAD_DATA, message);
  }

  private static byte[] compress(byte[] message) {
    SnappyJavaCompressor snappy = new SnappyJavaCompressor();
    byte[] compressed = new byte[snappy.maxCompressedLength(message.length)];
    int length = snappy.compress(message, 0, message.length, compressed, 0, compressed.length);
    return Arrays.copyOf(compressed, length);
  }
}
