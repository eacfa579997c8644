//! Paging: every page of a list, or every item of every page, as streams.

use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::call::{Call, CallOptions, Failed};
use crate::client::Client;
use crate::service::Operation;

/// An operation whose output comes in pages.
pub trait Paginated: Operation + Clone {
    /// What says where a page starts.
    type Token: PageToken;

    /// Returns where the page starts that this request asks for; `None` is the beginning.
    fn start_token(&self) -> Option<&Self::Token>;

    /// Asks for the page that starts at `token`.
    fn set_start_token(&mut self, token: Self::Token);

    /// Returns where the page after `output` starts, if there is one.
    fn next_token(output: &Self::Output) -> Option<Self::Token>;
}

/// An operation whose pages are pieces of a list, or of a map.
pub trait PaginatedItems: Paginated {
    /// An entry of the list; for a map, its key and value.
    type Item: Send;

    /// Takes the entries out of a page.
    fn items(output: Self::Output) -> Vec<Self::Item>;
}

/// Where a page starts: a string that only the service understands, or a key.
pub trait PageToken: Clone + PartialEq + Send + Sync {
    /// Tells whether the token stands for no page at all, as some services send it.
    fn is_empty(&self) -> bool;
}

impl PageToken for String {
    fn is_empty(&self) -> bool {
        str::is_empty(self)
    }
}

impl<V: Clone + PartialEq + Send + Sync> PageToken for BTreeMap<String, V> {
    fn is_empty(&self) -> bool {
        BTreeMap::is_empty(self)
    }
}

/// Every page of a list, in order: see [`Client::pages`].
///
/// It ends with the last page, with the first error, and where the service repeats the token of the page
/// that it just sent. Dropping it, or the future that waits for a page, cancels the call that is under way.
#[must_use = "pages are fetched when they are asked for"]
pub struct Pages<O: Paginated> {
    client: Client<O::Service>,
    options: CallOptions,
    /// The request for the next page; `None` after the last one.
    request: Option<O>,
    failed: bool,
    pending: Option<Pending<O>>,
}

type Pending<O> = Pin<Box<dyn Future<Output = Result<<O as Operation>::Output, Failed<O>>> + Send>>;

impl<O: Paginated> Pages<O> {
    pub(crate) fn new(client: Client<O::Service>, options: CallOptions, request: O) -> Self {
        Self {
            client,
            options,
            request: Some(request),
            failed: false,
            pending: None,
        }
    }

    /// Fetches the next page; `None` after the last one.
    ///
    /// # Errors
    ///
    /// Fails as the call for the page does; there are no pages after that, but [`next_request`](Self::next_request) can
    /// be sent, or paged through, again.
    pub async fn try_next(&mut self) -> Result<Option<O::Output>, Failed<O>> {
        poll_fn(|context| self.poll_page(context)).await.transpose()
    }

    /// Returns the request for the next page, to go on from there at another time; `None` after the last page.
    pub fn next_request(&self) -> Option<&O> {
        self.request.as_ref()
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<O::Output, Failed<O>>>> {
        let Some(request) = self.request.as_mut().filter(|_| !self.failed) else {
            return Poll::Ready(None);
        };
        let pending = self.pending.get_or_insert_with(|| {
            Box::pin(Call::new(&self.client, request.clone(), self.options.clone()).send())
        });
        let result = ready!(pending.as_mut().poll(context));
        self.pending = None;
        match &result {
            Ok(output) => {
                let next = O::next_token(output).filter(|token| !token.is_empty());
                match next.filter(|token| request.start_token() != Some(token)) {
                    Some(token) => request.set_start_token(token),
                    None => self.request = None,
                }
            }
            Err(_) => self.failed = true,
        }
        Poll::Ready(Some(result))
    }
}

// The request is never pinned.
impl<O: Paginated> Unpin for Pages<O> {}

impl<O: Paginated> Stream for Pages<O> {
    type Item = Result<O::Output, Failed<O>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_page(context)
    }
}

impl<O: Paginated> fmt::Debug for Pages<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("operation", &O::METADATA.name)
            .field("ended", &(self.failed || self.request.is_none()))
            .finish_non_exhaustive()
    }
}

/// Every item of every page, in order: see [`Client::items`].
#[must_use = "items are fetched when they are asked for"]
pub struct Items<O: PaginatedItems> {
    pages: Pages<O>,
    page: std::vec::IntoIter<O::Item>,
    left: usize,
}

impl<O: PaginatedItems> Items<O> {
    pub(crate) fn new(pages: Pages<O>) -> Self {
        Self {
            pages,
            page: Vec::new().into_iter(),
            left: usize::MAX,
        }
    }

    /// Ends after `limit` items; no page is fetched once they are there.
    pub fn limit(mut self, limit: usize) -> Self {
        self.left = limit;
        self
    }

    /// Returns the next item, and fetches a page where it has to; `None` after the last one.
    ///
    /// # Errors
    ///
    /// Fails as the call for a page does; there are no items after that.
    pub async fn try_next(&mut self) -> Result<Option<O::Item>, Failed<O>> {
        poll_fn(|context| self.poll_item(context)).await.transpose()
    }

    /// Collects all items that are left.
    ///
    /// # Errors
    ///
    /// Fails as the call for a page does; items that came before are dropped. Use [`try_next`](Self::try_next) to keep them.
    pub async fn try_collect(mut self) -> Result<Vec<O::Item>, Failed<O>> {
        let mut items = Vec::new();
        while let Some(item) = self.try_next().await? {
            items.push(item);
        }
        Ok(items)
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<O::Item, Failed<O>>>> {
        loop {
            if self.left == 0 {
                return Poll::Ready(None);
            }
            if let Some(item) = self.page.next() {
                self.left -= 1;
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(self.pages.poll_page(context)) {
                Some(Ok(page)) => self.page = O::items(page).into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

// Items are handed out, never pinned.
impl<O: PaginatedItems> Unpin for Items<O> {}

impl<O: PaginatedItems> Stream for Items<O> {
    type Item = Result<O::Item, Failed<O>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_item(context)
    }
}

impl<O: PaginatedItems> fmt::Debug for Items<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("pages", &self.pages)
            .finish_non_exhaustive()
    }
}
