package org.embedllm.app.ask;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalDouble;
import org.embedllm.correctness.Reference;
import org.embedllm.scoring.AnswerScorer;
import org.embedllm.scoring.AnswerScorers;
import org.embedllm.scoring.Judge;
import org.embedllm.scoring.JudgeAgreement;

/// How the answers of a run are scored.
sealed interface AnswerScoring {
  /// Whether an answer to a question could be scored.
  boolean takes(AskedQuestion asked);

  /// How the model should write its answer; blank for any form.
  String instruction(AskedQuestion asked);

  OptionalDouble score(AskedQuestion asked, String output) throws IOException, InterruptedException;

  /// What scores answers to a question.
  String name(AskedQuestion asked);

  /// Each question's own scorer.
  record OfReferences() implements AnswerScoring {
    private static Optional<AnswerScorer> scorer(AskedQuestion asked) {
      return AnswerScorers.of(asked.reference());
    }

    @Override
    public boolean takes(AskedQuestion asked) {
      return scorer(asked).isPresent();
    }

    @Override
    public String instruction(AskedQuestion asked) {
      return scorer(asked).map(AnswerScorer::instruction).orElse("");
    }

    @Override
    public OptionalDouble score(AskedQuestion asked, String output) {
      return scorer(asked)
          .map(scorer -> scorer.score(output, asked.reference()))
          .orElse(OptionalDouble.empty());
    }

    @Override
    public String name(AskedQuestion asked) {
      return scorer(asked).map(AnswerScorer::name).orElse("");
    }
  }

  /// One scorer for all questions.
  record Same(AnswerScorer scorer) implements AnswerScoring {
    @Override
    public boolean takes(AskedQuestion asked) {
      return !asked.reference().answer().isBlank() || scorer.name().startsWith("regex:");
    }

    @Override
    public String instruction(AskedQuestion asked) {
      return scorer.instruction();
    }

    @Override
    public OptionalDouble score(AskedQuestion asked, String output) {
      return scorer.score(output, asked.reference());
    }

    @Override
    public String name(AskedQuestion asked) {
      return scorer.name();
    }
  }

  /// A judge, which sees the right answer where it is known. Where a scorer can read the answer
  /// too, the judge is asked once more without the right answer, until its agreement is known.
  record Judged(Judge judge, JudgeAgreement.Counter agreement, int wanted)
      implements AnswerScoring {
    @Override
    public boolean takes(AskedQuestion asked) {
      return true;
    }

    @Override
    public String instruction(AskedQuestion asked) {
      return new OfReferences().instruction(asked);
    }

    @Override
    public OptionalDouble score(AskedQuestion asked, String output)
        throws IOException, InterruptedException {
      OptionalDouble known = new OfReferences().score(asked, output);
      if (known.isPresent() && agreement.agreement().answers() < wanted) {
        OptionalDouble blind = judge.grade(asked.prompt(), Reference.NONE, output);
        if (blind.isPresent()) {
          agreement.add(blind.getAsDouble(), known.getAsDouble());
        }
      }
      return judge.grade(asked.prompt(), asked.reference(), output);
    }

    @Override
    public String name(AskedQuestion asked) {
      return "judge";
    }
  }
}
