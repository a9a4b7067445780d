package org.embedllm.app.web;

import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import tools.jackson.databind.json.JsonMapper;

/// Answers of the endpoints that need a data set, with invented numbers and any names.
final class MeasuredAnswers {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final List<String> models;
  private final List<String> benchmarks;

  MeasuredAnswers(List<String> models, List<String> benchmarks) {
    this.models = models;
    this.benchmarks = benchmarks;
  }

  /// Puts them in the server's place.
  BrowserTab in(BrowserTab visit) {
    return visit
        .answering("evaluation?*", 200, evaluation())
        .answering("costs", 200, costs())
        .answering("benchmarks", 200, predictions())
        .answering("contributions", 200, contributions())
        .answering("communities", 200, communities());
  }

  private String evaluation() {
    String shares =
        object(models.size(), i -> text(models.get(i)) + ":" + (i == 0 ? 0.6 : i < 4 ? 0.1 : 0));
    String perBenchmark =
        object(
            benchmarks.size(),
            i ->
                "%s:{\"questions\":%d,%s,%s,%s,%s,\"singleBestModel\":%s}"
                    .formatted(
                        text(benchmarks.get(i)),
                        40 + i,
                        estimate("router", 0.6 + 0.03 * i),
                        estimate("singleBest", 0.61 + 0.025 * i),
                        estimate("oracle", 0.9),
                        estimate("routerMinusSingleBest", 0.005 * i - 0.01),
                        text(models.get(i % models.size()))));
    String bins =
        array(
            15,
            i ->
                "{\"meanForecast\":%s,\"meanScore\":%s,\"cells\":200,\"low\":%s,\"high\":%s}"
                    .formatted(0.06 * i + 0.05, 0.06 * i + 0.06, 0.06 * i, 0.06 * i + 0.12));
    return """
    {"split":"test","questions":200,"models":%d,"cells":3000,"recommendation":{"use":"single","model":%s,"policy":null,"text":%s},
     "forecast":{%s,"logLoss":0.58,"brier":0.2,"auc":0.74,"baselines":{%s,%s,"knn":null,"knnReason":"no questions"}},
     "routing":{%s,"singleBest":{"model":%s,%s,"fallbacks":0},%s,%s,%s,"knn":null,"knnReason":"no questions",%s,"share":%s,"perBenchmark":%s},
     "reliability":{"bins":%s,"error":0.012,"expectedOfPerfect":0.01}}
    """
        .formatted(
            models.size(),
            text(models.getFirst()),
            text("Use " + models.getFirst() + " alone: the router is worse."),
            estimate("accuracy", 0.69),
            estimate("majorityPerModel", 0.64),
            estimate("majorityPerModelAndBenchmark", 0.67),
            estimate("router", 0.69),
            text(models.getFirst()),
            estimate("accuracy", 0.70),
            estimate("weightedRandom", 0.66),
            estimate("random", 0.48),
            estimate("oracle", 0.94),
            estimate("routerMinusSingleBest", -0.01),
            shares,
            perBenchmark,
            bins);
  }

  private String costs() {
    String points =
        array(
            12,
            i ->
                "{\"policy\":\"dial@%.4f\",\"cost\":%s,\"quality\":%s,\"low\":%s,\"high\":%s,\"pareto\":%b}"
                    .formatted(
                        i / 11.0,
                        0.0001 * Math.pow(1.4, i),
                        0.5 + 0.2 * i / 11,
                        0.47 + 0.2 * i / 11,
                        0.53 + 0.2 * i / 11,
                        i % 2 == 0));
    IntFunction<String> model =
        i ->
            "\"cost\":%s,\"quality\":%s,\"low\":%s,\"high\":%s,\"answered\":%s"
                .formatted(
                    0.00005 * Math.pow(1.3, i),
                    0.3 + 0.4 * i / models.size(),
                    0.27 + 0.4 * i / models.size(),
                    0.33 + 0.4 * i / models.size(),
                    i % 3 == 1 ? 0.5 : 1);
    return """
    {"points":%s,"models":%s,"front":[{"policy":%s,%s},{"policy":"dial@0","cost":0.0001,"quality":0.5}],"area":0.62,
     "costSavedAtBestSingle":null,"pool":[%s],"gain":0.01,"gainInterval":[-0.01,0.03],"verdict":%s,"everyone":%s}
    """
        .formatted(
            points,
            array(
                models.size(),
                i -> "{\"model\":%s,%s}".formatted(text(models.get(i)), model.apply(i))),
            text(models.getFirst()),
            model.apply(0),
            text(models.getFirst()),
            text("do not route, use " + models.getFirst()),
            array(
                models.size(),
                i -> "{\"name\":%s,\"family\":\"fam%d\"}".formatted(text(models.get(i)), i % 3)));
  }

  private String predictions() {
    return "{\"benchmarks\":%s}"
        .formatted(
            array(
                benchmarks.size(),
                b ->
                    "{\"name\":%s,\"tau\":0.7,\"mse\":0.004,\"baselineMse\":0.006,\"lineMse\":0.0035,\"meanMse\":0.01,\"points\":%s}"
                        .formatted(
                            text(benchmarks.get(b)), array(models.size(), i -> point(i, b)))));
  }

  private String point(int model, int benchmark) {
    double actual = 0.3 + 0.5 * model / models.size();
    double predicted = actual + 0.02 * (benchmark - 2);
    return "{\"id\":%d,\"name\":%s,\"predicted\":%s,\"low\":%s,\"high\":%s,\"actual\":%s,\"actualLow\":%s,\"actualHigh\":%s}"
        .formatted(
            model,
            text(models.get(model)),
            predicted,
            predicted - 0.1,
            predicted + 0.1,
            actual,
            actual - 0.05,
            actual + 0.05);
  }

  private String contributions() {
    int b = benchmarks.size();
    return """
    {"benchmarks":%s,"matrix":%s,"rowSums":%s,"columnSums":%s,"splitDeviation":%s,"totalMse":{"splits":100}}
    """
        .formatted(
            array(b, i -> text(benchmarks.get(i))),
            array(b, i -> array(b, j -> i == j ? "0.0" : String.valueOf(0.0004 * (i - j)))),
            array(b, i -> "0.001"),
            array(b, i -> "-0.002"),
            array(b, i -> array(b, j -> "0.002")));
  }

  private String communities() {
    return array(
        Math.min(3, models.size()),
        i ->
            "{\"community\":%s,\"kind\":\"%s\",\"models\":[%s],\"ids\":[%d],\"intra\":%s,\"inter\":1.1,\"pValue\":%s}"
                .formatted(
                    text(models.get(i)),
                    i == 0 ? "paper" : "family",
                    text(models.get(i)),
                    i,
                    0.5 + 0.4 * i,
                    0.01 * (1 + 10 * i)));
  }

  private static String estimate(String key, double value) {
    return String.format(
        Locale.ROOT,
        "\"%1$s\":%2$s,\"%1$sInterval\":[%3$s,%4$s]",
        key,
        value,
        value - 0.02,
        value + 0.02);
  }

  private static String text(String text) {
    return JSON.writeValueAsString(text);
  }

  private static String array(int count, IntFunction<String> element) {
    return joined(count, element, "[", "]");
  }

  private static String object(int count, IntFunction<String> entry) {
    return joined(count, entry, "{", "}");
  }

  private static String joined(int count, IntFunction<String> part, String open, String close) {
    StringJoiner joiner = new StringJoiner(",", open, close);
    IntStream.range(0, count).mapToObj(part).forEach(joiner::add);
    return joiner.toString();
  }
}
