package org.embedllm.question;

/// Vectors of a set of questions and how they came about.
public record EncodedQuestions(QuestionVectors vectors, EncodingSummary summary) {}
