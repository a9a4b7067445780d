package org.embedllm.app.quickstart;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.app.report.Block;
import org.embedllm.app.report.ReportPage;
import tools.jackson.databind.JsonNode;

/// The page of the quickstart: does routing pay, how good are the forecasts, a map of the models,
/// and three routed prompts.
public final class QuickstartReport {
  private final Quickstart.Findings findings;

  private QuickstartReport(Quickstart.Findings findings) {
    this.findings = findings;
  }

  public static ReportPage of(Quickstart.Findings findings) {
    return new QuickstartReport(findings).page();
  }

  private ReportPage page() {
    SampleFiles sample = findings.sample();
    RoutingFigures routing = new RoutingFigures(findings.evaluation());
    ForecastFigures forecasts = new ForecastFigures(findings.evaluation());
    List<Block> blocks = new ArrayList<>();
    blocks.add(facts(sample));
    blocks.add(new Block.Heading("routing", "Does routing pay?"));
    blocks.add(new Block.Drawing(routing.routers()));
    blocks.add(new Block.Drawing(routing.skills()));
    blocks.add(new Block.Heading("forecasts", "Are the forecasts any good?"));
    blocks.add(new Block.Drawing(forecasts.forecasters()));
    blocks.add(new Block.Drawing(forecasts.reliability()));
    blocks.add(new Block.Heading("map", "A map of the models"));
    blocks.add(new Block.Drawing(ModelMap.of(findings.model(), findings.artifact())));
    blocks.add(new Block.Heading("prompts", "Three prompts, routed"));
    for (int k = 0; k < findings.routes().size(); k++) {
      blocks.addAll(RoutedPrompt.blocks(k + 1, findings.routes().get(k)));
    }
    return new ReportPage(
        "Quickstart: routing a simulated pool",
        ("Nothing here was measured on a real model: %,d questions were written by grammars, %d invented"
                + " models answered them by chance and ability. The page shows what the program does"
                + " with such answers, and what it would show with yours.")
            .formatted(sample.questions(), sample.models()),
        blocks);
  }

  private Block facts(SampleFiles sample) {
    JsonNode evaluation = findings.evaluation();
    return new Block.Facts(
        List.of(
            new Block.Fact(
                "Sample",
                "simulated: %,d questions in %d skills, %d models, %,d answers"
                    .formatted(
                        sample.questions(),
                        SampleQuestions.SKILLS.size(),
                        sample.models(),
                        sample.answers())),
            new Block.Fact(
                "Test",
                "%,d questions, %,d answers; seen neither in training nor in choosing settings"
                    .formatted(
                        evaluation.path("questions").asInt(), evaluation.path("cells").asInt())),
            new Block.Fact(
                "Question vectors",
                "%d numbers each, from the frozen sentence encoder %s"
                    .formatted(
                        findings.artifact().encoder().dimension(),
                        findings.artifact().encoder().name())),
            new Block.Fact(
                "Model vectors",
                "%d numbers each, learned from right and wrong answers"
                    .formatted(findings.artifact().factorization().dimension())),
            new Block.Fact(
                "Intervals", "95 %, from 2,000 resamples of whole questions (bootstrap)")));
  }
}
