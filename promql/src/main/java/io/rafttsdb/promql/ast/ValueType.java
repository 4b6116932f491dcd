package io.rafttsdb.promql.ast;

/** The type of an expression; {@link #words} is its name in messages. */
public enum ValueType {
  SCALAR("scalar"),
  STRING("string"),
  INSTANT_VECTOR("instant vector"),
  RANGE_VECTOR("range vector");

  private final String words;

  ValueType(String words) {
    this.words = words;
  }

  public String words() {
    return words;
  }
}
