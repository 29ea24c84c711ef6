/**
 * Steps between labels of time, in seconds. None is more than twice the one before, so that a step which a quarter of
 * the width has room for is at most half of it: there are two labels on a phone too.
 */
export const timeSteps: number[] = [
  ...[0.001, 0.01, 0.1, 1].flatMap((unit) => [1, 2, 3, 5].map((times) => times * unit)),
  ...[10, 15, 30],
  ...[1, 2, 3, 5, 10, 15, 30].map((minutes) => minutes * 60),
  ...[1, 2, 3, 6, 12].map((hours) => hours * 3_600),
  ...Array.from({ length: 16 }, (_, power) => 86_400 * 2 ** power),
];
