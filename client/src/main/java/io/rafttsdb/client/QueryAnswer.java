package io.rafttsdb.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the JSON answer of query and query_range. */
final class QueryAnswer {

  private static final JsonFactory JSON = new JsonFactory();

  private QueryAnswer() {}

  /**
   * @throws IOException where the answer is no JSON or of another shape
   */
  static QueryResult parse(byte[] body, List<Long> indexes) throws IOException {
    Object root;
    try (JsonParser parser = JSON.createParser(body)) {
      parser.nextToken();
      root = read(parser);
    }
    Map<?, ?> answer = object(root);
    Map<?, ?> data = object(answer.get("data"));
    String type = text(data.get("resultType"));
    Object result = data.get("result");
    return new QueryResult(
        value(type, result), texts(answer.get("warnings")), texts(answer.get("infos")), indexes);
  }

  private static QueryResult.Value value(String type, @Nullable Object result) throws IOException {
    return switch (type) {
      case "scalar" -> new QueryResult.Scalar(sample(result));
      case "string" -> {
        List<?> pair = pair(result);
        yield new QueryResult.Text(timeMs(pair.get(0)), text(pair.get(1)));
      }
      case "vector" -> {
        List<TimeSeries> series = new ArrayList<>();
        for (Object element : array(result)) {
          Map<?, ?> fields = object(element);
          series.add(new TimeSeries(labels(fields), List.of(sample(fields.get("value")))));
        }
        yield new QueryResult.Vector(series);
      }
      case "matrix" -> {
        List<TimeSeries> series = new ArrayList<>();
        for (Object element : array(result)) {
          Map<?, ?> fields = object(element);
          List<Sample> samples = new ArrayList<>();
          for (Object pair : array(fields.get("values"))) {
            samples.add(sample(pair));
          }
          series.add(new TimeSeries(labels(fields), samples));
        }
        yield new QueryResult.Matrix(series);
      }
      default -> throw new IOException("result of unknown type " + type);
    };
  }

  private static Map<String, String> labels(Map<?, ?> element) throws IOException {
    Map<String, String> labels = new LinkedHashMap<>();
    for (Map.Entry<?, ?> label : object(element.get("metric")).entrySet()) {
      labels.put(text(label.getKey()), text(label.getValue()));
    }
    return labels;
  }

  private static Sample sample(@Nullable Object json) throws IOException {
    List<?> pair = pair(json);
    return Sample.of(timeMs(pair.get(0)), number(text(pair.get(1))));
  }

  private static double number(String text) throws IOException {
    try {
      return switch (text) {
        case "+Inf" -> Double.POSITIVE_INFINITY;
        case "-Inf" -> Double.NEGATIVE_INFINITY;
        default -> Double.parseDouble(text);
      };
    } catch (NumberFormatException e) {
      throw new IOException("expected a sample value, got " + text, e);
    }
  }

  private static long timeMs(@Nullable Object json) throws IOException {
    if (json instanceof BigDecimal seconds) {
      return seconds.movePointRight(3).longValue();
    }
    throw new IOException("expected a time in seconds, got " + json);
  }

  private static List<?> pair(@Nullable Object json) throws IOException {
    List<?> array = array(json);
    if (array.size() != 2) {
      throw new IOException("expected a time and a value, got " + array);
    }
    return array;
  }

  private static List<String> texts(@Nullable Object json) throws IOException {
    List<String> texts = new ArrayList<>();
    if (json != null) {
      for (Object text : array(json)) {
        texts.add(text(text));
      }
    }
    return texts;
  }

  private static String text(@Nullable Object json) throws IOException {
    if (json instanceof String text) {
      return text;
    }
    throw new IOException("expected a string, got " + json);
  }

  private static Map<?, ?> object(@Nullable Object json) throws IOException {
    if (json instanceof Map<?, ?> map) {
      return map;
    }
    throw new IOException("expected an object, got " + json);
  }

  private static List<?> array(@Nullable Object json) throws IOException {
    if (json instanceof List<?> list) {
      return list;
    }
    throw new IOException("expected an array, got " + json);
  }

  /** The value that the parser stands on: Map, List, String, BigDecimal, Boolean or null. */
  private static @Nullable Object read(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == null) {
      throw new IOException("expected JSON, got an empty answer");
    }
    return switch (token) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          map.put(name, read(parser));
        }
        yield map;
      }
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(read(parser));
        }
        yield list;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw new IOException("unexpected JSON token " + token);
    };
  }
}
