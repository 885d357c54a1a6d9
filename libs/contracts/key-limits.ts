/** The longest life of an API key that has an end, in days from when the end is set: ten years. */
export const longestKeyDays = 3_650;
