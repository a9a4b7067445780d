package org.embedllm.scoring;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.embedllm.correctness.Reference;

/// A number: any notation, LaTeX included, with a unit that may be another one of the same kind.
///
/// Without a tolerance a whole number must be met exactly, and another one to half a unit of the
/// reference's last place. A fraction or root, which has no last place, may be rounded to three
/// digits or more.
///
/// @param tolerance largest relative error that counts as right; 0 for the rule above
public record NumberScorer(double tolerance) implements AnswerScorer {
  /// Rounding of floating-point numbers.
  private static final double EXACT = 1e-9;

  private static final double THREE_DIGITS = 0.005;

  public NumberScorer {
    if (!(tolerance >= 0 && tolerance < 1)) {
      throw new IllegalArgumentException("a tolerance must be from 0 to 1; got " + tolerance);
    }
  }

  @Override
  public OptionalDouble score(String output, Reference reference) {
    Optional<Quantity> right = Quantity.only(reference.answer());
    Optional<Quantity> answer = answer(FinalAnswer.withoutReasoning(output));
    if (right.isEmpty() || answer.isEmpty()) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(same(answer.get(), right.get()) ? 1 : 0);
  }

  /// Whether a reference is a number.
  static boolean reads(Reference reference) {
    return Quantity.only(reference.answer()).isPresent();
  }

  private static Optional<Quantity> answer(String output) {
    List<String> places = new ArrayList<>(FinalAnswer.explicit(output));
    for (String place : places) {
      Optional<Quantity> found = Quantity.stated(place);
      if (found.isPresent()) {
        return found;
      }
    }
    return Quantity.last(FinalAnswer.lastLine(output)).or(() -> Quantity.last(output));
  }

  private boolean same(Quantity answer, Quantity right) {
    Optional<Double> value = answer.in(right);
    if (value.isEmpty()) {
      return false;
    }
    double allowed =
        Math.max(
            EXACT * Math.abs(right.value()),
            tolerance > 0 ? tolerance * Math.abs(right.value()) : allowed(answer, right));
    return Math.abs(value.get() - right.value()) <= allowed * (1 + EXACT);
  }

  private static double allowed(Quantity answer, Quantity right) {
    if (right.isWritten()) {
      return right.halfLastPlace();
    }
    double rounding = answer.halfLastPlace() / Math.abs(answer.value());
    return rounding <= THREE_DIGITS ? rounding * Math.abs(right.value()) : 0;
  }

  @Override
  public String instruction() {
    return "End with the line \"Answer: N\", where N is the number.";
  }

  @Override
  public String name() {
    return tolerance > 0 ? "number:" + tolerance : "number";
  }
}
