package org.embedllm.app.ask;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.embedllm.app.cli.Progress;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Reference;
import org.embedllm.forecast.Interval;
import org.embedllm.itemresponse.Ability;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.itemresponse.QuestionPlanner;
import org.embedllm.scoring.JudgeAgreement;
import org.embedllm.storage.BadInputException;

/// Asks a model the training questions that say most about it, some at a time: each answer changes
/// what is asked next.
final class PlannedQuestions {
  private static final int ROUNDS = 10; // of a whole budget
  private static final int LEAST_A_ROUND = 4;

  private final ModelAddition addition;
  private final List<AskedQuestion> questions; // in the order of the training questions
  private final AnswerScoring scoring;

  PlannedQuestions(
      ModelAddition addition,
      TrainingQuestions training,
      Map<String, Reference> references,
      AnswerScoring scoring) {
    this.addition = addition;
    this.scoring = scoring;
    this.questions =
        training.matrix().questions().stream()
            .map(q -> new AskedQuestion(q, references.getOrDefault(q.id(), Reference.NONE)))
            .toList();
  }

  /// Which of the questions can be asked and scored.
  ///
  /// @param wanted ids that may be asked; all where empty
  /// @throws BadInputException where there is none
  boolean[] allowed(Optional<List<Question>> wanted) {
    boolean[] allowed = new boolean[questions.size()];
    if (wanted.isEmpty()) {
      Arrays.fill(allowed, true);
    } else {
      wanted.get().forEach(q -> addition.known(q).ifPresent(row -> allowed[row] = true));
    }
    boolean any = false;
    for (int j = 0; j < allowed.length; j++) {
      AskedQuestion asked = questions.get(j);
      allowed[j] &= !asked.question().text().isBlank() && scoring.takes(asked);
      any |= allowed[j];
    }
    if (!any) {
      throw BadInputException.of(
          "the right answer to none of the training questions is known: name a data set that has"
              + " them (column reference) with --dataset, or a judge with --scorer judge --judge URL"
              + " --judge-name NAME");
    }
    return allowed;
  }

  /// When to stop.
  ///
  /// @param budget most questions, those of an earlier run included
  /// @param halfWidth of the accuracy's 95 % interval that is enough; 0 for the whole budget
  record Goal(int budget, double halfWidth) {}

  /// Asks until the goal is reached.
  AskSummary ask(
      AskRun run,
      String model,
      Map<String, AnswersFile.Earlier> earlier,
      boolean[] mayBeAsked,
      Goal goal,
      SpendLimit limit,
      Optional<JudgeAgreement.Counter> agreement,
      Progress progress)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    boolean[] allowed = mayBeAsked.clone();
    Map<Integer, Double> scores = new TreeMap<>();
    AskSummary.Counts counts = new AskSummary.Counts();
    for (int j = 0; j < allowed.length; j++) {
      AnswersFile.Earlier before = earlier.get(questions.get(j).question().id());
      if (before != null) {
        allowed[j] = false;
        counts.asked.incrementAndGet();
        counts.add(before.score(), before.usd());
        put(scores, j, before.score());
      }
    }
    Ability ability = ability(scores);
    String ended = "the budget is used up";
    while (counts.asked.get() < goal.budget()) {
      int left = goal.budget() - counts.asked.get();
      int round = Math.min(left, Math.max(LEAST_A_ROUND, goal.budget() / ROUNDS));
      boolean[] open = allowed;
      QuestionPlanner.Plan plan =
          new QuestionPlanner(addition.problem().known())
              .plan(responses(scores), round, goal.halfWidth(), j -> open[j]);
      if (plan.complete() && goal.halfWidth() > 0) {
        ended = "the accuracy is known well enough";
        break;
      }
      if (plan.questions().isEmpty()) {
        ended = "no question is left";
        break;
      }
      List<AskedQuestion> asked = new ArrayList<>();
      for (int j : plan.questions()) {
        asked.add(questions.get(j));
        allowed[j] = false;
      }
      String known = AskSummary.accuracyText(ability.accuracy().value(), interval(ability));
      counts.asked.addAndGet(asked.size());
      List<AskedAnswer> answers =
          run.ask(
              asked,
              answer -> {
                counts.add(answer.score(), answer.usd());
                progress.advanceTo(counts.answered.get());
                progress.detail("accuracy " + known);
                agreement.ifPresent(answer::count);
              });
      for (AskedAnswer answer : answers) {
        int j = addition.known(answer.asked().question()).orElseThrow();
        put(scores, j, answer.score());
      }
      ability = ability(scores);
      agreement.ifPresent(PlannedQuestions::requireBelievable);
      if (limit.reached()) {
        counts.asked.addAndGet(answers.size() - asked.size());
        ended = "the next call would exceed --max-usd";
        break;
      }
    }
    boolean any = !scores.isEmpty();
    return new AskSummary(
        model,
        counts.asked.get(),
        counts.answered.get(),
        counts.scored.get(),
        any ? ability.accuracy().value() : Double.NaN,
        any ? interval(ability) : Interval.UNKNOWN,
        counts.usd(),
        (System.nanoTime() - start) / 1e9,
        ended,
        agreement.map(JudgeAgreement.Counter::agreement));
  }

  /// A judge is not believed where it is little better than chance, as far as right answers are
  /// known.
  static void requireBelievable(JudgeAgreement.Counter counter) {
    JudgeAgreement agreement = counter.agreement();
    if (agreement.littleBetterThanChance()) {
      throw BadInputException.of(
          "the judge says the same as the right answers on %d of %d answers; chance alone gives %.0f %%: it cannot be believed; name another judge with --judge-name, and another file with --to"
              .formatted(agreement.same(), agreement.answers(), 100 * agreement.byChance()));
    }
  }

  private static void put(Map<Integer, Double> scores, int question, OptionalDouble score) {
    if (score.isPresent()) {
      scores.put(question, score.getAsDouble());
    }
  }

  private static Interval interval(Ability ability) {
    return new Interval(ability.accuracy().low(), ability.accuracy().high());
  }

  private Ability ability(Map<Integer, Double> scores) {
    return addition.problem().known().ability(responses(scores));
  }

  private static ItemResponses responses(Map<Integer, Double> scores) {
    return ItemResponses.of(
        scores.keySet().stream().mapToInt(j -> j).toArray(),
        scores.values().stream().mapToDouble(s -> s).toArray());
  }
}
