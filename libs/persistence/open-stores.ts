import type { EntityManager } from 'typeorm';
import type { AllStores } from './stores/all-stores.js';
import { PostgresConversationStore } from './stores/postgres-conversation-store.js';
import { PostgresGenerationStore } from './stores/postgres-generation-store.js';
import { PostgresSettingStore } from './stores/postgres-setting-store.js';
import { PostgresUsageStore } from './stores/postgres-usage-store.js';

/** The stores of one unit of work. */
export function openStores(manager: EntityManager): AllStores {
  return {
    settings: new PostgresSettingStore(manager),
    conversations: new PostgresConversationStore(manager),
    generations: new PostgresGenerationStore(manager),
    usage: new PostgresUsageStore(manager),
  };
}
