package org.embedllm.question;

/// Vectors of a set of questions, and what encoding them took.
public record EncodedQuestions(QuestionVectors vectors, EncodingSummary summary) {}
