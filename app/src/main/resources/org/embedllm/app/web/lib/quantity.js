// The words for what the pool's probabilities and shares are of: right answers, or in a pool from votes preferred ones.
export const quantity = { right: 'right', share: 'accuracy', isPreference: false };

/** @param name of the overview's quantity; null for right answers */
export function speakOf(name) {
  if (name === 'preference') Object.assign(quantity, { right: 'preferred', share: 'share of votes won', isPreference: true });
}

/** With a capital letter, at the beginning of a label. */
export const capitalized = (word) => word[0].toUpperCase() + word.slice(1);
