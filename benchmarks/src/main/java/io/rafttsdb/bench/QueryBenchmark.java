package io.rafttsdb.bench;

import io.rafttsdb.promql.PromQl;
import io.rafttsdb.promql.QueryLimits;
import io.rafttsdb.promql.SeriesSource;
import io.rafttsdb.promql.ast.Expr;
import io.rafttsdb.promql.value.QueryResult;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Queries of the Head, without HTTP: 1,000 hosts with 100 series each, for half an hour. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx4g")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class QueryBenchmark {

  private static final int SERIES = 100_000;
  private static final int STEPS = 120;
  private static final int SERIES_MAX = 1_000_000;
  private static final long END_MS = BenchSeries.START_MS + STEPS * BenchSeries.STEP_MS;

  private final BenchSeries series = new BenchSeries(SERIES);
  private final SeriesSource source =
      selections -> series.tsdb().select(selections, SERIES_MAX).series();
  private final PromQl engine = new PromQl(QueryLimits.DEFAULT);
  private final Expr oneSeries = engine.parse("cpu_usage_user{hostname=\"host_7\"}");
  private final Expr rateByRegion =
      engine.parse("sum by (region) (rate(net_bytes_recv{interface=\"eth0\"}[5m]))");
  private final Expr averageByDatacenter = engine.parse("avg by (datacenter) (cpu_usage_user)");

  /** Fills the engine. */
  @Setup
  public void fill() {
    for (int step = 1; step <= STEPS; step++) {
      series.append(series.next(0, SERIES, step));
    }
  }

  /** One series at one time. */
  @Benchmark
  public QueryResult oneSeries() {
    return engine.instant(oneSeries, END_MS, source);
  }

  /** Rates over 5 minutes of 1,000 series, summed by 9 regions. */
  @Benchmark
  public QueryResult rateByRegion() {
    return engine.instant(rateByRegion, END_MS, source);
  }

  /** 1,000 series at 30 steps. */
  @Benchmark
  public QueryResult averageByDatacenter30Steps() {
    return engine.range(averageByDatacenter, BenchSeries.START_MS + 60_000, END_MS, 60_000, source);
  }
}
