package org.embedllm.question;

/// Vectors of a set of questions and the history of the training.
public record EncodedQuestions(QuestionVectors vectors, EncodingSummary summary) {}
