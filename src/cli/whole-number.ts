import { InvalidArgumentError } from 'commander';

/** Parses an option that is a whole number from 1 to the most it may be. */
export const wholeNumber =
  (most: number) =>
  (text: string): number => {
    if (!/^[1-9]\d*$/.test(text) || Number(text) > most)
      throw new InvalidArgumentError(`must be a whole number from 1 to ${most}`);
    return Number(text);
  };
