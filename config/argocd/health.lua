-- SPDX-License-Identifier: Apache-2.0
-- Argo CD's health check of an ActiveNumber. It uses no library but the base one, so it needs no useOpenLibs.
local spec, status = obj.spec or {}, obj.status or {}
local generation = (obj.metadata or {}).generation or 0

local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type or ""] = condition
end

local function holds(name)
  return (conditions[name] or {}).status == "True"
end

local function health(word, name)
  return {status = word, message = (conditions[name] or {}).message or "The operator has not said anything yet"}
end

if (status.observedGeneration or 0) < generation then
  return {status = "Progressing", message = "The operator has not looked at this generation yet"}
elseif spec.suspend == true then
  return health("Suspended", "Synced")
elseif holds("Stalled") then
  return health("Degraded", "Stalled")
elseif holds("Ready") then
  return health("Healthy", "Ready")
elseif holds("Reconciling") then
  return health("Progressing", "Reconciling")
end
return health("Progressing", "Ready")
