package org.embedllm.app.ask;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.embedllm.correctness.Reference;
import org.embedllm.scoring.AnswerScorer;
import org.embedllm.scoring.AnswerScorers;
import org.embedllm.scoring.JudgeAgreement;

/// How the answers of a run are scored.
sealed interface AnswerScoring {
  /// Whether an answer to a question could be scored.
  boolean takes(AskedQuestion asked);

  /// How the model should write its answer; blank for any form.
  String instruction(AskedQuestion asked);

  Scored score(AskedQuestion asked, String output) throws IOException, InterruptedException;

  /// What scoring an answer to a question is expected to cost at most, in USD.
  default double expectedUsd(AskedQuestion asked) {
    return 0;
  }

  /// What scores answers to a question.
  String name(AskedQuestion asked);

  /// @param score in [0, 1]; empty where it could not be read
  /// @param judge whose score it is; empty without one
  /// @param blind the judge's score without the right answer, where it was asked for that too
  /// @param usd what the judge took for it; 0 without one
  record Scored(OptionalDouble score, Optional<String> judge, Optional<Blind> blind, double usd) {
    static Scored free(OptionalDouble score) {
      return new Scored(score, Optional.empty(), Optional.empty(), 0);
    }
  }

  /// @param judged the judge's score, without the right answer, in [0, 1]
  /// @param right the score against the right answer
  record Blind(double judged, double right) {
    void count(JudgeAgreement.Counter agreement) {
      agreement.add(judged, right);
    }
  }

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
    public Scored score(AskedQuestion asked, String output) {
      return Scored.free(read(asked, output));
    }

    static OptionalDouble read(AskedQuestion asked, String output) {
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
    public Scored score(AskedQuestion asked, String output) {
      return Scored.free(scorer.score(output, asked.reference()));
    }

    @Override
    public String name(AskedQuestion asked) {
      return scorer.name();
    }
  }

  /// A judge, which sees the right answer where it is known. Where a scorer can read the answer
  /// too, the judge is asked once more without the right answer, until the agreement is known that
  /// is counted of written answers. An answer that the judge's server refuses has no score.
  record Judged(JudgeCalls calls, JudgeAgreement.Counter agreement, int wanted)
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
    public Scored score(AskedQuestion asked, String output)
        throws IOException, InterruptedException {
      OptionalDouble known = OfReferences.read(asked, output);
      List<Blind> blind = new ArrayList<>();
      JudgeCalls.Said<OptionalDouble> said =
          calls.ask(judge -> {
            if (known.isPresent() && agreement.agreement().answers() < wanted) {
              judge
                  .grade(asked.prompt(), Reference.NONE, output)
                  .ifPresent(score -> blind.add(new Blind(score, known.getAsDouble())));
            }
            return judge.grade(asked.prompt(), asked.reference(), output);
          });
      return new Scored(
          said.verdict().orElse(OptionalDouble.empty()),
          Optional.of(calls.name()),
          blind.stream().findFirst(),
          said.usd());
    }

    @Override
    public double expectedUsd(AskedQuestion asked) {
      return calls.expected(2, asked.prompt());
    }

    @Override
    public String name(AskedQuestion asked) {
      return "judge";
    }
  }
}
