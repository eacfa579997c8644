//! A fake CloudWatch Logs with state: log groups, their keys, and the key of query results.
//!
//! It checks what the service checks, and answers with the exceptions that the service answers with.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use awsjson_logs::exceptions::{
    InvalidParameterException, OperationAbortedException, ResourceAlreadyExistsException,
    ResourceNotFoundException, ServiceUnavailableException,
};
use awsjson_logs::types::LogGroup;
use awsjson_logs::{
    AssociateKmsKey, CreateLogGroup, DeleteLogGroup, DescribeLogGroups, DescribeLogGroupsOutput,
    DisassociateKmsKey, Exception, Logs,
};
use awsjson_protocol::fake::{Fake, RunningFake};
use awsjson_protocol::{Credentials, EmptyOutput};

/// The account that the fake's resources belong to.
const ACCOUNT: &str = "123456789012";

/// The state of a fake CloudWatch Logs. Clones share it.
#[derive(Clone, Debug)]
pub struct LogsFake {
    region: String,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    groups: Mutex<BTreeMap<String, Group>>,
    query_results_key: Mutex<Option<String>>,
    is_unavailable: AtomicBool,
    update_millis: AtomicU64,
}

#[derive(Clone, Debug)]
struct Group {
    key: Option<String>,
    created_millis: i64,
    is_updating: bool,
}

/// What a key is associated with.
enum Resource {
    Group(String),
    QueryResults,
}

impl LogsFake {
    /// Makes a fake without log groups.
    pub fn new(region: impl Into<String>) -> Self {
        Self {
            region: region.into(),
            state: Arc::default(),
        }
    }

    /// Starts the fake on a loopback port. It accepts only requests that are signed with `credentials`.
    ///
    /// # Errors
    ///
    /// Fails where no port can be had.
    pub async fn start(&self, credentials: Credentials) -> io::Result<RunningFake> {
        self.fake()
            .verify_signatures(credentials, &self.region)
            .start()
            .await
    }

    /// Returns the functions of the fake, to add others or to use them without a socket.
    pub fn fake(&self) -> Fake<Logs> {
        let [create, delete, describe, associate, disassociate] = [(); 5].map(|()| self.clone());
        Fake::new()
            .on(move |request| std::future::ready(create.create(request)))
            .on(move |request| std::future::ready(delete.delete(request)))
            .on(move |request| std::future::ready(describe.describe(request)))
            .on(move |request| associate.clone().associate(request))
            .on(move |request| disassociate.clone().disassociate(request))
    }

    /// Makes every operation fail with `ServiceUnavailableException`, or work again.
    pub fn set_unavailable(&self, is_unavailable: bool) {
        self.state.is_unavailable.store(is_unavailable, Ordering::Relaxed);
    }

    /// Makes changes of a key take this long; other changes of the same group meanwhile are aborted.
    pub fn set_update_time(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.state.update_millis.store(millis, Ordering::Relaxed);
    }

    /// Returns the key of a log group.
    pub fn key_of(&self, group: &str) -> Option<String> {
        self.groups().get(group)?.key.clone()
    }

    /// Returns the key of query results.
    pub fn query_results_key(&self) -> Option<String> {
        lock(&self.state.query_results_key).clone()
    }

    fn create(&self, request: CreateLogGroup) -> Result<EmptyOutput, Exception> {
        self.check_available()?;
        check_name(&request.log_group_name)?;
        request.kms_key_id.as_deref().map_or(Ok(()), check_key)?;
        let mut groups = self.groups();
        if groups.contains_key(&request.log_group_name) {
            let message = "The specified log group already exists";
            return Err(ResourceAlreadyExistsException::new().message(message).into());
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let group = Group {
            key: request.kms_key_id,
            created_millis: i64::try_from(now.as_millis()).unwrap_or(i64::MAX),
            is_updating: false,
        };
        groups.insert(request.log_group_name, group);
        Ok(EmptyOutput::new())
    }

    fn delete(&self, request: DeleteLogGroup) -> Result<EmptyOutput, Exception> {
        self.check_available()?;
        match self.groups().remove(&request.log_group_name) {
            Some(_) => Ok(EmptyOutput::new()),
            None => Err(no_such_group()),
        }
    }

    fn describe(&self, request: DescribeLogGroups) -> Result<DescribeLogGroupsOutput, Exception> {
        self.check_available()?;
        let limit = usize::try_from(request.limit.unwrap_or(50)).unwrap_or(0);
        if !(1..=50).contains(&limit) {
            return Err(invalid("limit must be between 1 and 50"));
        }
        let prefix = request.log_group_name_prefix.unwrap_or_default();
        let groups = self.groups();
        let mut names = groups
            .iter()
            .filter(|(name, _)| name.starts_with(&prefix))
            .filter(|(name, _)| request.next_token.as_ref().is_none_or(|token| *name > token));
        let page: Vec<LogGroup> = names
            .by_ref()
            .take(limit)
            .map(|(name, group)| self.to_log_group(name, group))
            .collect();
        let mut output = DescribeLogGroupsOutput::new();
        if names.next().is_some() {
            output.next_token = page.last().and_then(|group| group.log_group_name.clone());
        }
        Ok(output.log_groups(page))
    }

    async fn associate(self, request: AssociateKmsKey) -> Result<EmptyOutput, Exception> {
        self.check_available()?;
        check_key(&request.kms_key_id)?;
        let resource = self.resource(request.log_group_name, request.resource_identifier)?;
        self.update(resource, Some(request.kms_key_id)).await
    }

    async fn disassociate(self, request: DisassociateKmsKey) -> Result<EmptyOutput, Exception> {
        self.check_available()?;
        let resource = self.resource(request.log_group_name, request.resource_identifier)?;
        self.update(resource, None).await
    }

    /// Changes the key of a resource, which takes as long as the fake was told.
    async fn update(&self, resource: Resource, key: Option<String>) -> Result<EmptyOutput, Exception> {
        let name = match resource {
            Resource::QueryResults => {
                *lock(&self.state.query_results_key) = key;
                return Ok(EmptyOutput::new());
            }
            Resource::Group(name) => name,
        };
        {
            let mut groups = self.groups();
            let group = groups.get_mut(&name).ok_or_else(no_such_group)?;
            if std::mem::replace(&mut group.is_updating, true) {
                let message = "Multiple concurrent requests to update the same resource were in conflict";
                return Err(OperationAbortedException::new().message(message).into());
            }
        }
        let millis = self.state.update_millis.load(Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(millis)).await;
        let mut groups = self.groups();
        let group = groups.get_mut(&name).ok_or_else(no_such_group)?;
        group.is_updating = false;
        group.key = key;
        Ok(EmptyOutput::new())
    }

    /// Finds what a request is about: it names a group, or has the ARN of a group or of query results.
    fn resource(&self, name: Option<String>, identifier: Option<String>) -> Result<Resource, Exception> {
        let identifier = match (name, identifier) {
            (Some(name), None) => {
                check_name(&name)?;
                return Ok(Resource::Group(name));
            }
            (None, Some(identifier)) => identifier,
            _ => {
                return Err(invalid(
                    "Specify either logGroupName or resourceIdentifier, and not both",
                ));
            }
        };
        let prefix = format!("arn:aws:logs:{}:{ACCOUNT}:", self.region);
        let resource = identifier
            .strip_prefix(&prefix)
            .and_then(|rest| match rest.split_once(':')? {
                ("log-group", name) => Some(Resource::Group(name.trim_end_matches(":*").to_owned())),
                ("query-result", "*") => Some(Resource::QueryResults),
                _ => None,
            });
        resource
            .ok_or_else(|| invalid("resourceIdentifier is no ARN of a log group or of query results here"))
    }

    fn to_log_group(&self, name: &str, group: &Group) -> LogGroup {
        let mut described = LogGroup::new()
            .log_group_name(name)
            .creation_time(group.created_millis)
            .arn(format!(
                "arn:aws:logs:{}:{ACCOUNT}:log-group:{name}:*",
                self.region
            ));
        described.kms_key_id.clone_from(&group.key);
        described
    }

    fn check_available(&self) -> Result<(), Exception> {
        match self.state.is_unavailable.load(Ordering::Relaxed) {
            true => Err(ServiceUnavailableException::new()
                .message("The service cannot complete the request")
                .into()),
            false => Ok(()),
        }
    }

    fn groups(&self) -> MutexGuard<'_, BTreeMap<String, Group>> {
        lock(&self.state.groups)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn check_name(name: &str) -> Result<(), Exception> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_/#".contains(c);
    match (1..=512).contains(&name.len()) && name.chars().all(allowed) {
        true => Ok(()),
        false => Err(invalid(
            "logGroupName must be 1 to 512 of the characters a-z A-Z 0-9 . - _ / #",
        )),
    }
}

fn check_key(key: &str) -> Result<(), Exception> {
    let parts: Vec<&str> = key.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", "aws", "kms", _, _, resource] if resource.starts_with("key/") && key.len() <= 256 => Ok(()),
        _ => Err(invalid(
            "The specified KMS key does not exist or is not allowed: kmsKeyId must be a key ARN",
        )),
    }
}

fn invalid(message: &str) -> Exception {
    InvalidParameterException::new().message(message).into()
}

fn no_such_group() -> Exception {
    let message = "The specified log group does not exist.";
    ResourceNotFoundException::new().message(message).into()
}
