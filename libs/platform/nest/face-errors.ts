import type { ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Turns every error of a face into its answer: those of controllers, and those of routes and hooks that are Fastify's. */
export interface FaceErrors extends ExceptionFilter {
  answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void;
}
