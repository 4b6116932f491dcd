package io.rafttsdb.promql.ast;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An aggregation operator. */
public enum AggregateOp {
  SUM(null),
  AVG(null),
  MIN(null),
  MAX(null),
  COUNT(null),
  GROUP(null),
  STDDEV(null),
  STDVAR(null),
  TOPK(ValueType.SCALAR),
  BOTTOMK(ValueType.SCALAR),
  QUANTILE(ValueType.SCALAR),
  COUNT_VALUES(ValueType.STRING);

  private static final Map<String, AggregateOp> BY_WORD = byWord();

  private final @Nullable ValueType parameterType;

  AggregateOp(@Nullable ValueType parameterType) {
    this.parameterType = parameterType;
  }

  private static Map<String, AggregateOp> byWord() {
    Map<String, AggregateOp> map = new TreeMap<>();
    for (AggregateOp op : values()) {
      map.put(op.word(), op);
    }
    return Map.copyOf(map);
  }

  /** The operator that a word in any case names, or null. */
  public static @Nullable AggregateOp of(String word) {
    return BY_WORD.get(word.toLowerCase(Locale.ROOT));
  }

  /** As PromQL writes it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Type of the parameter before the vector, or null where it takes none. */
  public @Nullable ValueType parameterType() {
    return parameterType;
  }

  /** Whether results keep the labels of the series that they were chosen from. */
  public boolean choosesSeries() {
    return this == TOPK || this == BOTTOMK;
  }
}
