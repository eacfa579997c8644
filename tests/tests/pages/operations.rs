//! Every paginated operation of the committed services; `every_paginated_operation_is_listed` keeps the list complete.

macro_rules! every_operation {
    ($($service:ident { $($operation:ident),* $(,)? })*) => {
        /// The services, by crate, with their paginated operations.
        pub const LISTED: &[(&str, &[&str])] = &[$((stringify!($service), &[$(stringify!($operation)),*])),*];

        /// Checks each.
        pub async fn check_every(models: &Models) {
            $($(
                check::<$service::$operation>(&models.operation(stringify!($service), stringify!($operation))).await;
            )*)*
        }
    };
}

use super::{Models, check};

every_operation! {
    awsjson_cloudtrail {
        ListImportFailures,
        ListImports,
        ListInsightsData,
        ListPublicKeys,
        ListTags,
        ListTrails,
        LookupEvents,
    }
    awsjson_cognito_identity {
        ListIdentityPools,
    }
    awsjson_cognito_idp {
        AdminListGroupsForUser,
        AdminListUserAuthEvents,
        ListGroups,
        ListIdentityProviders,
        ListResourceServers,
        ListUserPoolClients,
        ListUserPools,
        ListUsers,
        ListUsersInGroup,
    }
    awsjson_dynamodb {
        ListBackups,
        ListBulkOperations,
        ListTables,
        ListTagsOfResource,
        Query,
        Scan,
    }
    awsjson_ecr {
        DescribeImageScanFindings,
        DescribeImages,
        DescribePullThroughCacheRules,
        DescribeReplicationBackfillResults,
        DescribeRepositories,
        DescribeRepositoryCreationTemplates,
        GetLifecyclePolicyPreview,
        ListImages,
        ListReplicationBackfills,
    }
    awsjson_ecs {
        ListAccountSettings,
        ListAttributes,
        ListClusters,
        ListContainerInstances,
        ListGatewayClusterAssociations,
        ListGatewayRoutes,
        ListGateways,
        ListServices,
        ListServicesByNamespace,
        ListTaskDefinitionFamilies,
        ListTaskDefinitions,
        ListTasks,
    }
    awsjson_events {
        ListRuleNamesByTarget,
        ListRules,
        ListTargetsByRule,
    }
    awsjson_firehose {
    }
    awsjson_kinesis {
        DescribeStream,
        ListChannels,
        ListQueues,
        ListShards,
        ListStreamConsumers,
        ListStreams,
    }
    awsjson_kms {
        DescribeCustomKeyStores,
        ListAliases,
        ListGrants,
        ListKeyPolicies,
        ListKeyRotations,
        ListKeys,
        ListResourceTags,
        ListRetirableGrants,
    }
    awsjson_logs {
        DescribeConfigurationTemplates,
        DescribeDeliveries,
        DescribeDeliveryDestinations,
        DescribeDeliverySources,
        DescribeDestinations,
        DescribeExportTasks,
        DescribeLogGroups,
        DescribeLogStreams,
        DescribeMetricFilters,
        DescribeQueries,
        DescribeResourcePolicies,
        DescribeSubscriptionFilters,
        FilterLogEvents,
        GetLogEvents,
        GetScheduledQueryHistory,
        ListAggregateLogGroupSummaries,
        ListAnomalies,
        ListLogAnomalyDetectors,
        ListLogGroupsForQuery,
        ListScheduledQueries,
        ListSourcesForS3TableIntegration,
    }
    awsjson_secretsmanager {
        ListResourcePolicies,
        ListSecrets,
    }
    awsjson_sqs {
        ListDeadLetterSourceQueues,
        ListQueues,
    }
    awsjson_ssm {
        DescribeActivations,
        DescribeAssociationExecutionTargets,
        DescribeAssociationExecutions,
        DescribeAutomationExecutions,
        DescribeAutomationStepExecutions,
        DescribeAvailablePatches,
        DescribeEffectiveInstanceAssociations,
        DescribeEffectivePatchesForPatchBaseline,
        DescribeInstanceAssociationsStatus,
        DescribeInstanceInformation,
        DescribeInstancePatchStates,
        DescribeInstancePatchStatesForPatchGroup,
        DescribeInstancePatches,
        DescribeInstanceProperties,
        DescribeInventoryDeletions,
        DescribeMaintenanceWindowExecutionTaskInvocations,
        DescribeMaintenanceWindowExecutionTasks,
        DescribeMaintenanceWindowExecutions,
        DescribeMaintenanceWindowSchedule,
        DescribeMaintenanceWindowTargets,
        DescribeMaintenanceWindowTasks,
        DescribeMaintenanceWindows,
        DescribeMaintenanceWindowsForTarget,
        DescribeOpsItems,
        DescribeParameters,
        DescribePatchBaselines,
        DescribePatchGroups,
        DescribePatchProperties,
        DescribeSessions,
        GetInventory,
        GetInventorySchema,
        GetOpsSummary,
        GetParameterHistory,
        GetParametersByPath,
        GetResourcePolicies,
        ListAssociationVersions,
        ListAssociations,
        ListCloudConnectors,
        ListCommandInvocations,
        ListCommands,
        ListComplianceItems,
        ListComplianceSummaries,
        ListDocumentVersions,
        ListDocuments,
        ListNodes,
        ListNodesSummary,
        ListOpsItemEvents,
        ListOpsItemRelatedItems,
        ListOpsMetadata,
        ListResourceComplianceSummaries,
        ListResourceDataSync,
        ValidateCloudConnector,
    }
    awsjson_stepfunctions {
        GetExecutionHistory,
        ListActivities,
        ListExecutions,
        ListMapRuns,
        ListStateMachines,
    }
}
