import type { SignedInVisitor } from '../domain/visitor.js';

/** Stands before what is dangerous: a stolen cookie or a forgotten screen is not enough for it. */
export abstract class StepUp {
  /** @throws {AppError} step_up_required, with the ways this person has, when the last proof is older than five minutes */
  abstract demand(visitor: SignedInVisitor): Promise<void>;
}
