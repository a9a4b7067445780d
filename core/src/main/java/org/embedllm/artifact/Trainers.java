package org.embedllm.artifact;

import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.Vote;
import org.embedllm.factorization.MatrixFactorizationTrainer;
import org.embedllm.factorization.Trainer;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.votes.VoteTrainer;

/// The one place that chooses a trainer. A program may also give a trainer of its own to
/// [PoolTrainer].
public final class Trainers {
  private Trainers() {}

  /// The trainer of some options.
  ///
  /// @param kernel options of the kernel factorization; empty for the linear one
  /// @param linear options of the linear one
  /// @param votes those to train on, by the numbers of the training questions; empty where there
  ///   are scores
  /// @throws IllegalArgumentException where the linear factorization would train on votes
  public static Trainer of(
      Optional<KernelOptions> kernel, TrainingOptions linear, List<Vote> votes) {
    if (kernel.isPresent()) {
      return of(kernel.get(), votes);
    }
    if (!votes.isEmpty()) {
      throw new IllegalArgumentException("the linear factorization does not train on votes alone");
    }
    return new MatrixFactorizationTrainer(linear);
  }

  /// The default trainer: of scores, or of votes alone.
  ///
  /// @param votes those to train on; empty where there are scores
  public static Trainer of(KernelOptions options, List<Vote> votes) {
    return votes.isEmpty()
        ? new KernelFactorizationTrainer(options)
        : new VoteTrainer(options, votes);
  }
}
