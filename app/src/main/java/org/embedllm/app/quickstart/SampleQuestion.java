package org.embedllm.app.quickstart;

/// A question of the sample.
///
/// @param id `arithmetic-0017`
/// @param skill the skill it asks for: the benchmark of the data set
/// @param topic a part of the skill
/// @param difficulty on the logit scale; compared with a model's ability
/// @param text what is asked
record SampleQuestion(String id, String skill, String topic, double difficulty, String text) {}
