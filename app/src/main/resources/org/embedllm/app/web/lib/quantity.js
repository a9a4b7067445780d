// The words for what the pool's probabilities and shares are of: right answers, or in a pool from votes preferred ones.
// A model wins a question with at least half of its votes there.
export const quantity = {
  right: 'right',
  wrong: 'wrong',
  either: 'right or wrong',
  get: 'get right',
  gets: 'gets right',
  answered: 'answered correctly',
  more: 'more accurate',
  share: 'accuracy',
  // What models are ranked by.
  standing: 'accuracy',
  // What is said of a single answer.
  good: 'right',
  bad: 'wrong',
  // Whether feedback compares two models.
  votes: false,
  learning: 'Say which answers were right, and the models’ vectors learn.',
};

const PREFERENCE = {
  right: 'preferred',
  wrong: 'not preferred',
  either: 'preferred or not',
  get: 'win',
  gets: 'wins',
  answered: 'won',
  more: 'more often preferred',
  share: 'share won',
  standing: 'share preferred',
  good: 'good',
  bad: 'bad',
  votes: true,
  learning: 'Say which model’s answer is better, and the vectors of both learn.',
};

/** @param name of the overview's quantity; null for right answers */
export function speakOf(name) {
  if (name === 'preference') Object.assign(quantity, PREFERENCE);
}

/** With a capital letter, at the beginning of a label. */
export const capitalized = (word) => word[0].toUpperCase() + word.slice(1);
