/** There was nothing to do it to. */
export class Idle extends Error {}
